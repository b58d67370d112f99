"""An admin invites a person, who sets a password, gets a role and logs in to Live Agent."""

from journeys.people import NOT_AUTHORISED, Window, World, links_in

EMAIL = "nina@acme.example"
PASSWORD = "granite-lantern-orchard-58"


def invitation(world: World) -> str:
    """The link of the newest mail to her."""
    world.wait_for_mail(EMAIL)
    mail = next(mail for mail in world.mails() if "/password/set/" in mail)
    return next(link for link in links_in(mail) if "/password/set/" in link)


def test_somebody_who_was_invited_ends_in_live_agent(world: World):
    admin = world.window()
    admin.sign_in_at_the_platform("admin@acme.example")
    admin.press("Access Control")
    admin.press("New person")
    admin.type("name", "Nina New")
    admin.type("email", EMAIL)
    admin.press("Create person")
    admin.reads("Nina New")
    admin.sees("The person is created, and an invitation is on its way.")

    nina = world.window(java_script_enabled=False)
    nina.go(invitation(world))
    nina.reads("Welcome to Acme")
    nina.type("password", PASSWORD)
    nina.press("Set password")
    nina.sees("Your password is set")
    nina.sign_in(EMAIL, PASSWORD)
    nina.reads(NOT_AUTHORISED)

    admin.page.reload()
    admin.page.get_by_text("Give another role").click()
    admin.press("Give the role liveAgentAgent…")
    admin.press("Give the role")
    admin.reads("Nina New")
    admin.sees("liveAgentAgent")

    nina.go("/login")
    nina.press("Sign in")
    nina.reads("Dashboard")
    nina.sees("Nina New")
    assert nina.roles() == {"Agent"}


def test_the_link_of_an_invitation_works_once(world: World, window: Window):
    window.go(invitation(world))
    window.reads("This link was used already or is too old")


def test_a_manager_gives_roles_but_not_admin(world: World, window: Window):
    window.sign_in_at_the_platform("manager@acme.example")
    window.press("Access Control")
    window.page.get_by_role("link", name="Nina New").first.click()
    window.reads("Nina New")
    window.page.get_by_text("Give another role").click()
    names = window.page.locator("details li code").all_inner_texts()
    assert "liveAgentSupervisor" in names
    assert "admin" not in names
    window.go(world.platform + "/admin/organisation")
    window.reads("You do not have the permission for this")
