"""What the bodies of JSON APIs are made of: strict objects, and texts that can be stored."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PLAIN = r"^[^\x00]*$"  # PostgreSQL has no text with a NUL
# One line, and something to read in it.
ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
LONGEST_NAME = 200


class Body(BaseModel):
    """A body of which every field is known and of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    """A query: everything is text there, so `25` is a number and `true` is a boolean."""

    model_config = ConfigDict(extra="forbid", frozen=True)


PlainText = Annotated[str, Field(pattern=PLAIN)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=ONE_LINE)]
