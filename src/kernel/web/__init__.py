"""HTTP edges shared by both applications: what comes in is parsed, what fails is answered here."""
