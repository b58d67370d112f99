"""The decisions of the authorization server: values in, value or Problem out."""
