"""The sample's agencies, people and servers. All of them are made up; the names are chosen so that nobody takes them for real."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from pipeline.sample.chance import Weighted

MERGED = "OTR"
MERGED_ON = dt.date(2026, 10, 14)
SUCCESSOR = "DLH"
# Their certificates are kept in the registry workbook, not at the vendor's portal.
REGISTRY_AGENCIES = ("FSB", "RLB", "MSA", "WBO")
HANDWRITTEN_AGENCY = "TCA"

# code, name, secretariat, share of the servers
_AGENCIES = (
    ("DLH", "Department of Lighthouses", "Harbors and Waters", 1.6),
    ("OTR", "Office of Tidal Records", "Harbors and Waters", 0.7),
    ("FSB", "Ferry Services Board", "Harbors and Waters", 1.0),
    ("RLB", "Rural Libraries Board", "Records and Learning", 0.8),
    ("TCA", "Town Commons Administration", "Land and Harvest", 0.8),
    ("NA", "Navigation Aids Authority", "Harbors and Waters", 0.9),
    ("HPB", "Harbor Pilotage Board", "Harbors and Waters", 0.8),
    ("BCB", "Bureau of Covered Bridges", "Works and Ways", 1.2),
    ("CDO", "Canal Districts Office", "Works and Ways", 1.4),
    ("ISB", "Ice and Snow Bureau", "Works and Ways", 1.1),
    ("DOO", "Department of Orchards", "Land and Harvest", 1.5),
    ("MSA", "Maple Sugar Authority", "Land and Harvest", 0.6),
    ("MAP", "Office of Maps and Bounds", "Records and Learning", 1.3),
    ("CAS", "Commission on Almanacs and Seasons", "Records and Learning", 0.5),
    ("GMC", "Granite Monuments Commission", "Records and Learning", 0.6),
    ("WBO", "Weights and Balances Office", "Fair Measure", 1.2),
)
# The story needs them all.
FEWEST_AGENCIES = len(_AGENCIES)

_FORMS = ("Office", "Bureau", "Board", "Commission", "Authority", "Department")
_SUBJECTS = (
    "Barn Raising", "Beacon Fires", "Beekeeping", "Bell Towers", "Birch Groves", "Boundary Stones", "Brass Bands", "Cider Mills",
    "Clock Towers", "Cranberry Bogs", "Duck Crossings", "Fog Signals", "Footpaths", "Gazebos", "Hay Markets", "Ice Houses", "Kite Fields",
    "Lantern Festivals", "Mill Ponds", "Orchard Walls", "Picnic Grounds", "Quarry Safety", "Quilting Bees", "Rope Walks", "Salt Marshes",
    "Scarecrows", "Stone Walls", "Street Organs", "Sugar Houses", "Sundials", "Swan Boats", "Tide Mills", "Toll Bridges", "Town Criers",
    "Village Greens", "Waterwheels", "Weather Vanes", "Whale Watching", "Windmills", "Wool Fairs",
)  # fmt: skip
_SECRETARIATS = ("Harbors and Waters", "Works and Ways", "Land and Harvest", "Records and Learning", "Fair Measure")
_FIRST_NAMES = ("Ada", "Bram", "Cleo", "Dara", "Edda", "Finn", "Greta", "Hugo", "Iris", "Jonas", "Kaya", "Linus", "Mina", "Nils", "Odile")
_LAST_NAMES = ("Alder", "Birchall", "Cove", "Drift", "Elmwood", "Fernley", "Gale", "Heath", "Inlet", "Juniper", "Kestrel", "Larch", "Marsh")

_SERVICES = (
    "www", "portal", "apply", "permits", "forms", "mail", "vpn", "api", "gis", "files", "login", "status", "data", "records", "pay",
    "jobs", "library", "licenses", "maps", "webmail", "events", "survey", "archive", "store", "reports", "alerts",
)  # fmt: skip
_SOFTWARE = Weighted((
    ("Apache 2.4", 30), ("Microsoft IIS 10", 26), ("F5 BIG-IP", 9), ("Tomcat 9", 8), ("IBM HTTP Server", 5), ("Cisco ASA", 4),
    ("Red Hat Enterprise Linux (httpd)", 4), ("Oracle WebLogic (BEA)", 3), ("SonicWALL SMA", 2), ("Lotus Domino", 2),
    ("Sun ONE Web Server", 1), ("Netscape Enterprise Server", 0.5), ("Zeus Web Server", 0.5), ("Other", 3), ("", 2),
))  # fmt: skip
_TIERS = Weighted((("standard", 0.77), ("premium", 0.23)))
_KEYS = Weighted((("P-256", 0.6), ("RSA-2048", 0.32), ("P-384", 0.06), ("RSA-4096", 0.02)))
_OTHER_NAMES = Weighted(((0, 0.72), (1, 0.16), (3, 0.09), (12, 0.03)))


@dataclass(frozen=True, slots=True)
class Agency:
    """One fictional agency."""

    code: str
    name: str
    secretariat: str
    weight: float
    account_id: str

    @property
    def domain(self) -> str:
        """Where its servers and mailboxes are."""
        return f"{self.code.lower()}.example.gov"


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional person at an agency."""

    first: str
    last: str
    email: str


@dataclass(frozen=True, slots=True)
class Host:
    """A server that needs certificates for as long as it lives: its names, its tier, its key, and who looks after it."""

    agency: Agency
    common_name: str
    other_names: tuple[str, ...]
    tier: str
    key: str
    key_place: int
    software: str
    contact: Person


def agencies(count: int) -> tuple[Agency, ...]:
    """`count` agencies: the sixteen of the story first, then as many more as a large sample asks for."""
    named = [Agency(*row, account_id=f"{400 + 17 * place:05d}") for place, row in enumerate(_AGENCIES[:count])]
    more = [_another_agency(place) for place in range(count - len(named))]
    return (*named, *more)


def _another_agency(place: int) -> Agency:
    subject, form = _SUBJECTS[place % len(_SUBJECTS)], _FORMS[place // len(_SUBJECTS) % len(_FORMS)]
    district = place // (len(_SUBJECTS) * len(_FORMS))
    name = f"{form} of {subject}" + (f", District {district + 1}" if district else "")
    return Agency(f"X{place + 1:03d}", name, _SECRETARIATS[place % len(_SECRETARIATS)], 1.0, f"{2000 + place:05d}")


def person(agency: Agency, chance: random.Random) -> Person:
    """Somebody at `agency`."""
    first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
    return Person(first, last, f"{first}.{last}@{agency.domain}".lower())


class Estate:
    """Hands out new host names, none twice."""

    def __init__(self, owners: tuple[Agency, ...], chance: random.Random) -> None:
        self._owners = Weighted((agency, agency.weight) for agency in owners)
        self._chance = chance
        self._count: dict[str, int] = {}
        self._taken: set[str] = set()
        self.by_code = {agency.code: agency for agency in owners}

    def host(self, agency: Agency | None = None, tier: str = "", key: str = "", name: str = "") -> Host:
        """A new host: of the named agency, tier, key and common name, or of any."""
        chance = self._chance
        owner = agency or self._owners.draw(chance)
        common_name = name or self._new_name(owner)
        self._taken.add(common_name)
        return Host(
            agency=owner,
            common_name=common_name,
            other_names=self._other_names(common_name),
            tier=tier or _TIERS.draw(chance),
            key=key or _KEYS.draw(chance),
            key_place=chance.randrange(1 << 30),
            software=_SOFTWARE.draw(chance),
            contact=person(owner, chance),
        )

    def _new_name(self, owner: Agency) -> str:
        while True:
            count = self._count[owner.code] = self._count.get(owner.code, -1) + 1
            service, number = _SERVICES[count % len(_SERVICES)], count // len(_SERVICES) + 1
            label = service if number == 1 else f"{service}{number}"
            name = f"*.{label}.{owner.domain}" if count % 23 == 22 else f"{label}.{owner.domain}"
            if name not in self._taken:
                return name

    def _other_names(self, common_name: str) -> tuple[str, ...]:
        if common_name.startswith("*."):
            return (common_name[2:],)
        how_many = _OTHER_NAMES.draw(self._chance)
        return tuple(f"alt{place + 1}.{common_name}" for place in range(how_many))
