"""The words of the set-up pages."""

from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.setup")

TITLE = say("Setting up")
LEDE = say("Five steps, about ten minutes. Nothing is written to your ERP.")
CODE_HELP = say("It was printed where the program was started, and works once.")
CODE = say("Code")
WRONG_CODE = say("That is not the code, or it was used before.")
TOO_MANY = say("Too many attempts. Start the program again: it prints a new code.")
OPEN = say("Open")
NEXT = say("Next")
STEPS = {
    "company": say("Company"),
    "erp": say("Connection"),
    "check": say("What it offers"),
    "administrator": say("Administrator"),
    "finish": say("First night"),
}

YOUR_COMPANY = say("Your company")
COMPANY_NAME = say("Name")
COMPANY_NAME_HELP = say("As it stands on reports and letters.")
LOCALE = say("Language and country")
LOCALE_HELP = say("Of reports and letters, for example fr_FR or en_GB.")
CURRENCY = say("Currency")
TIMEZONE = say("Time zone")
SHORT_NAME = say("Short name")
SHORT_NAME_HELP = say("In addresses and records; it never changes. Empty: made from the name.")
WHICH_ERP = say("Your ERP")
ERPS = {"memory": say("For trying things out, from a file; no ERP is needed.")}
MORE = say("More settings")

CONNECT_LEDE = say(
    "Give the product a user of its own: what it may see and do is what that user may."
)
SECRET_KEPT = say("Given. Leave it empty to keep it.")
TRY_IT = say("Connect and look")
COULD_NOT = say("The connection does not work yet")
SETTINGS: dict[str, tuple[Message, Message | None]] = {
    "url": (say("Address of the server"), say("For example https://erp.example.com")),
    "database": (say("Database"), None),
    "user": (say("User"), None),
    "password": (say("Password"), None),
    "api_key": (say("API key"), None),
    "company": (
        say("Number of the company in the ERP"),
        say("Only needed where the user works for several."),
    ),
    "file": (say("File"), say("Where the records are.")),
    "today": (say("Date of the ERP"), say("Only for trying things out.")),
    "write_off": (
        say("Write-off method"),
        say("Its name in the ERP; only needed where there are several."),
    ),
    "page_size": (say("Records asked for at once"), None),
}

LOOKING = say("Looking at your data")
LOOKING_LEDE = say(
    "The agents read your ERP and judge it as they would at night. Nothing is kept and nothing is "
    "written. This page goes on by itself."
)
FOUND = say("What was found")
OFFERS, MISSING = say("Your ERP offers:"), say("Your ERP does not offer:")
PORTS: dict[str, Message] = {
    "inventory": say("stock"),
    "purchasing": say("purchases"),
    "receivables": say("customers' debts"),
    "disputes": say("disputes"),
    "write_offs": say("write-offs"),
    "contacts": say("contacts"),
    "production": say("production"),
    "sales": say("sales"),
    "notes": say("notes"),
}


def other_currency(theirs: str, ours: str) -> Message:
    """That the company's currency is not the ERP's."""
    return say(
        "The ERP keeps its books in {theirs}, you said {ours}: go back and correct it.",
        theirs=theirs,
        ours=ours,
    )


def connected(vendor: str, version: str, user: str, company: str) -> Message:
    """Who answered."""
    return say(
        "Connected to {vendor} {version} as {user}, company {company}.",
        vendor=vendor,
        version=version,
        user=user,
        company=company,
    )


def connect(erp: str) -> Message:
    """The title of the page of the connection."""
    return say("Connect {erp}", erp=erp)


def no_data(why: str) -> Message:
    """What kept an agent from judging the data."""
    return say("Its data could not be judged: {why}", why=why)


def written_to(file: str) -> Message:
    """Where the settings go."""
    return say("This is written to {file}, which only you can read.", file=file)


def days_apart(count: int) -> Message:
    """How far the ERP's date is from the company's."""
    return say.counted(
        "The ERP's date is {count} day from yours.",
        "The ERP's date is {count} days from yours.",
        count,
    )


READY, NOT_READY = say("ready"), say("not ready")


def would_propose(count: int) -> Message:
    """How much it would put before somebody tonight."""
    return say.counted("Would propose {count} action.", "Would propose {count} actions.", count)


def not_judged(count: int) -> Message:
    """How much lacks what a judgement needs."""
    return say.counted("Could not judge {count} thing.", "Could not judge {count} things.", count)


REMARKS = say("What its data lacks")
CHOOSE_AGENTS = say("Which agents run at night")
CHOOSE_PRESET = say("What they may do without asking")
RECOMMENDED = say("recommended")
CHANGE_LATER = say("All of this can be changed later, on the page of policies.")
LOOK_AGAIN = say("Look again")

WHO_ARE_YOU = say("The first administrator")
WHO_LEDE = say("You sign in with this, add the others and give them their roles.")
LOGIN, NAME, EMAIL = say("Login"), say("Your name"), say("E-mail")
EMAIL_HELP = say("The morning pack is sent here once mail is set up.")
ALSO_DECIDES = say("I also approve actions")
PASSWORD, AGAIN = say("Password"), say("The same again")
NOT_THE_SAME = say("The two are not the same.")
NEEDED = say("Needed.")
NO_LOGIN = say("Only letters, digits and . _ @ + -")


def password_help(shortest: int) -> Message:
    """How long a password has to be."""
    return say("{n} characters or more.", n=shortest)


ALL_SET = say("Everything is ready")
COMPANY, ERP, AGENTS, PRESET, ADMINISTRATOR = (
    say("Company"),
    say("ERP"),
    say("Agents"),
    say("Without asking"),
    say("Administrator"),
)
NIGHT_NOW = say("Run the first night now")
NIGHT_NOW_HELP = say("It takes a few minutes; you can watch it.")
FINISH = say("Finish")
