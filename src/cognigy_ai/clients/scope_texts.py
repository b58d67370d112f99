"""What each scope lets an application know or do, in the words that people read."""

from kernel.languages import n_

SCOPE_TEXTS = {
    "openid": n_("Who you are: an identifier that stays the same"),
    "profile": n_("Your name and your language"),
    "email": n_("Your e-mail address"),
    "organisation": n_("Your organisation"),
    "roles": n_("Your roles in Cognigy.AI"),
    "api": n_("To use the API in your name, with all the rights that you have"),
}
