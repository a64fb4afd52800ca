/** NumPy's .npy files of float32 numbers, as the maps are kept. */

/**
 * @param {ArrayBuffer} bytes
 * @returns {{rows: number, columns: number, values: Float32Array}}
 * @throws {Error} for any other file
 */
export function readMap(bytes) {
  const view = new DataView(bytes);
  if (view.getUint32(0) !== 0x934e554d) throw new Error("this is no .npy file");
  const isFirst = view.getUint8(6) === 1;
  const start = isFirst ? 10 : 12;
  const length = isFirst ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder().decode(new Uint8Array(bytes, start, length));
  const [, rows, columns] = /'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False") || !rows || !columns) {
    throw new Error(`not a map of float32: ${header.trim()}`);
  }
  const values = new Float32Array(bytes.slice(start + length));
  return { rows: Number(rows), columns: Number(columns), values };
}
