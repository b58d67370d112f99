"""Pure judgements over what both systems say; the doctor asks for it, the linter reads it."""
