"""Reading a sentence: who does what with what, and which words say so."""
