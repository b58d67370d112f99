"""Help pages: guides, and one page for each refusal."""
