"""Pure decisions of the login: values in, a value or a refusal out."""
