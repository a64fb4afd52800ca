"""TFLite model metadata: how a network's input is made from pixels, written into the model file."""

from __future__ import annotations

from typing import Any

import flatbuffers  # type: ignore[import-untyped]

METADATA_NAME = "TFLITE_METADATA"
_MODEL_IDENTIFIER = b"TFL3"
_METADATA_IDENTIFIER = b"M001"
ALIGNMENT = 16  # bytes


class _AlignedBuffer:
    """Stands in for the schema's BufferT, whose packing loses the alignment TFLite maps weights with."""

    def __init__(self, data: bytes | None) -> None:
        self._data = data

    def Pack(self, builder: Any) -> int:
        """Write the buffer, its bytes at a multiple of 16, and return its offset."""
        from mediapipe.tasks.metadata import schema_py_generated as tflite

        offset = None
        if self._data is not None:
            builder.StartVector(1, len(self._data), ALIGNMENT)
            builder.head -= len(self._data)
            builder.Bytes[builder.head : builder.head + len(self._data)] = self._data
            offset = builder.EndVector()
        tflite.BufferStart(builder)
        if offset is not None:
            tflite.BufferAddData(builder, offset)
        return int(tflite.BufferEnd(builder))


def has_metadata(model: bytes) -> bool:
    """Whether these are the bytes of a TFLite model that carries metadata."""
    return model[4:8] == _MODEL_IDENTIFIER and METADATA_NAME.encode() in model


def with_normalization(model: bytes, mean: float, std: float) -> bytes:
    """The model with metadata saying that its input is (pixel - mean) / std, pixels in 0..255."""
    from mediapipe.tasks.metadata import schema_py_generated as tflite

    tree: Any = tflite.ModelT.InitFromObj(tflite.Model.GetRootAs(model))
    entry = tflite.MetadataT()
    entry.name, entry.buffer = METADATA_NAME, len(tree.buffers)
    blobs = [None if buffer.data is None else bytes(buffer.data) for buffer in tree.buffers]
    tree.buffers = [_AlignedBuffer(blob) for blob in [*blobs, _normalization(mean, std)]]
    tree.metadata = [*(tree.metadata or []), entry]
    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), file_identifier=_MODEL_IDENTIFIER)
    return bytes(builder.Output())


def _normalization(mean: float, std: float) -> bytes:
    """A metadata buffer that describes one input tensor: an RGB picture and its scaling."""
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    options = schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    root = schema.ModelMetadataT()
    root.subgraphMetadata = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(root.Pack(builder), file_identifier=_METADATA_IDENTIFIER)
    return bytes(builder.Output())
