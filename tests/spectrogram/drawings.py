"""Pictures that are drawn here: drawings on paper, and what photographs are like."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

WORDS = "Between picture and sound there is a whole front of sounds. "


def known_drawing() -> Image.Image:
    """Colours without symmetry ``(64, 96)``, in areas that survive compression."""
    image = Image.new("RGB", (96, 64))
    draw = ImageDraw.Draw(image)
    draw.ellipse([8, 8, 40, 40], fill=(255, 255, 255))
    draw.rectangle([56, 44, 90, 60], fill=(230, 120, 90))
    draw.polygon([(60, 4), (92, 8), (70, 30)], fill=(90, 110, 200))
    return image


def text(size=(800, 600), font_size=16, paper=255, ink=0):
    page = Image.new("L", size, paper)
    draw = ImageDraw.Draw(page)
    words = WORDS * 40
    columns = max(1, round(size[0] * 0.85 / (0.5 * font_size)))
    tops = range(size[1] // 12, size[1] - size[1] // 12 - font_size, int(font_size * 1.6))
    for line, top in enumerate(tops):
        begin = 17 * line % 400
        draw.text((size[0] // 14, top), words[begin : begin + columns], fill=ink, font_size=font_size)
    return page


def heading(size=(800, 300), paper=255, ink=0):
    page = Image.new("L", size, paper)
    place = (size[0] // 13, size[1] // 4)
    ImageDraw.Draw(page).text(place, "HELLO", fill=ink, font_size=size[1] // 2)
    return page


def code(module=8, modules=33):
    """Like a QR code, with its quiet zone."""
    cells = np.random.default_rng(0).random((modules, modules)) < 0.5
    for row, column in ((0, 0), (0, modules - 7), (modules - 7, 0)):
        finder = np.ones((7, 7), bool)
        finder[1:6, 1:6] = False
        finder[2:5, 2:5] = True
        cells[row : row + 7, column : column + 7] = finder
    return Image.fromarray(np.kron(~np.pad(cells, 4), np.ones((module, module), bool)).astype(np.uint8) * 255)


def line_art(size=(900, 700), width=3, paper=255, ink=0):
    """A face of lines, drawn larger and reduced, so that its edges are smooth."""
    big = Image.new("L", (2 * size[0], 2 * size[1]), paper)
    draw = ImageDraw.Draw(big)
    w, h, pen = big.width, big.height, 2 * width
    draw.ellipse([w * 0.2, h * 0.1, w * 0.8, h * 0.9], outline=ink, width=pen)
    for x in (0.38, 0.62):
        draw.ellipse([w * (x - 0.06), h * 0.35, w * (x + 0.06), h * 0.45], outline=ink, width=pen)
    draw.arc([w * 0.35, h * 0.5, w * 0.65, h * 0.75], 20, 160, fill=ink, width=pen)
    for k in range(20):
        draw.line([w * 0.3 + 9 * pen * k, h * 0.1, w * 0.25 + 10 * pen * k, h * 0.02], fill=ink, width=pen)
    return big.reduce(2)


def scan(page, noise=3.0, blur=1.0, shading=8.0):
    """A page as a scanner sees it: blurred, noisy, and darker towards one side."""
    grey = np.asarray(page.filter(ImageFilter.GaussianBlur(blur)), dtype=float)
    grey += np.random.default_rng(1).normal(0, noise, grey.shape)
    grey -= np.linspace(0, shading, grey.shape[1])
    return Image.fromarray(grey.clip(0, 255).round().astype(np.uint8))


def jpeg(image, quality=60):
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return Image.open(io.BytesIO(written.getvalue()))


def _texture(shape, seed, softness):
    noise = np.random.default_rng(seed).normal(0, 1, shape)
    soft = ndimage.gaussian_filter(noise, softness)
    return soft / soft.std()


def landscape(size=(900, 600), sky=250, horizon=0.55):
    """A white sky above ground with texture."""
    width, height = size
    grey = np.full((height, width), float(sky))
    below = int(horizon * height)
    shape = (height - below, width)
    ground = 110 + 30 * _texture(shape, 2, 4) + 25 * _texture(shape, 3, 30)
    grey[below:] = ground - np.linspace(0, 50, height - below)[:, None]
    grey += np.random.default_rng(4).normal(0, 1.5, grey.shape)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def portrait(size=(600, 800), background=255):
    """A lit face and dark clothes before a white wall."""
    width, height = size
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    grey = np.full((height, width), float(background))
    body = ((x - 0.5) / 0.35) ** 2 + ((y - 1.05) / 0.4) ** 2 < 1
    grey[body] = (55 + 40 * x + 8 * _texture((height, width), 5, 3))[body]
    face = ((x - 0.5) / 0.16) ** 2 + ((y - 0.42) / 0.2) ** 2
    grey[face < 1] = (225 - 90 * face - 60 * (x - 0.4) + 4 * _texture((height, width), 6, 2))[face < 1]
    hair = (((x - 0.5) / 0.18) ** 2 + ((y - 0.33) / 0.16) ** 2 < 1) & (face > 0.55) & (y < 0.45)
    grey[hair] = (35 + 15 * _texture((height, width), 7, 2))[hair]
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def product(size=(800, 800)):
    """One shaded thing on white."""
    height, width = size
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    r = ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.2**2
    shade = 60 + 150 * np.sqrt(np.clip(1 - ((x - 0.42) ** 2 + (y - 0.42) ** 2) / 0.3**2, 0, 1))
    return Image.fromarray(np.where(r < 1, shade, 255).clip(0, 255).astype(np.uint8))


def snow(size=(900, 600)):
    """Light all over, and full of greys."""
    shape = size[::-1]
    grey = 225 + 14 * _texture(shape, 8, 40) + 6 * _texture(shape, 9, 6)
    grey -= 40 * (_texture(shape, 10, 20) > 1.5)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def steps(size=(600, 400)):
    """Light greys in flat areas on white."""
    page = Image.new("L", size, 255)
    for k, grey in enumerate((230, 200, 170, 140, 90)):
        left = size[0] * k // 6 + size[0] // 12
        ImageDraw.Draw(page).rectangle([left, size[1] // 4, left + size[0] // 8, 3 * size[1] // 4], fill=grey)
    return page


def sheet_music(size=(900, 600)):
    page = Image.new("L", size, 255)
    draw, rng = ImageDraw.Draw(page), np.random.default_rng(0)
    for top in range(60, size[1] - 90, 140):
        for line in range(5):
            draw.line([40, top + 12 * line, size[0] - 40, top + 12 * line], fill=0, width=2)
        for x in range(70, size[0] - 60, 42):
            y = top + 6 * int(rng.integers(0, 9))
            draw.ellipse([x, y - 6, x + 16, y + 6], fill=0)
            draw.line([x + 15, y, x + 15, y - 44], fill=0, width=3)
    return page


COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")


def bars(colours=COLOURS, size=(1000, 700)):
    """A bar chart with axes, a grid and numbers."""
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    for k in range(6):
        draw.line([80, 60 + k * 100, 960, 60 + k * 100], fill="#dddddd")
        draw.text((30, 50 + k * 100), str(k), fill="black", font_size=20)
    for k in range(8):
        draw.rectangle([120 + k * 100, 100 + k * 50, 180 + k * 100, 620], fill=colours[k % len(colours)])
    draw.line([80, 40, 80, 620, 960, 620], fill="black", width=2)
    return page.convert("L")


def pie():
    page = Image.new("RGB", (1000, 700), "white")
    for k, colour in enumerate(COLOURS):
        ImageDraw.Draw(page).pieslice([300, 150, 700, 550], 90 * k, 90 * k + 90, fill=colour)
    return page.convert("L")


def diagram(size=(1000, 600)):
    """Labelled boxes in pale colours, with arrows between them."""
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    for k, colour in enumerate(("#dae8fc", "#d5e8d4", "#fff2cc", "#f8cecc")):
        box = [40 + k * 240, 200, 220 + k * 240, 330]
        draw.rounded_rectangle(box, 12, fill=colour, outline="black", width=2)
        draw.text((70 + k * 240, 250), f"Step {k}", fill="black", font_size=26)
        draw.line([220 + k * 240, 265, 280 + k * 240, 265], fill="black", width=3)
    return page.convert("L")


def cartoon(size=(800, 600)):
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    draw.ellipse([250, 100, 550, 400], fill="#ffcc99", outline="black", width=5)
    draw.rectangle([320, 400, 480, 560], fill="#3366cc", outline="black", width=5)
    draw.chord([240, 80, 560, 260], 180, 360, fill="#663300", outline="black", width=5)
    for x in (330, 430):
        draw.ellipse([x, 210, x + 40, 250], fill="black")
    return page.convert("L")


def screenshot(window=255, ink=30, bar=225, size=(1280, 800)):
    """A window with a bar, a list and text."""
    page = Image.new("L", size, window)
    draw = ImageDraw.Draw(page)
    draw.rectangle([0, 0, size[0], 70], fill=bar)
    draw.rectangle([0, 70, 220, size[1]], fill=bar)
    for k in range(22):
        draw.text((20, 90 + k * 30), "entry", fill=ink, font_size=18)
        draw.text((260, 110 + k * 30), WORDS * 2, fill=ink, font_size=18)
    return page


def photographed(page, light=0.95, fading=0.35, noise=3.0):
    """A page as a camera sees it under a lamp: darker away from its middle."""
    height, width = page.height, page.width
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    grey = np.asarray(page) * light * (1 - fading * (x**2 + y**2) / 2)
    grey += np.random.default_rng(5).normal(0, noise, grey.shape)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def dark_product(size=(800, 800), texture=0):
    """A black box on white, with the light on it."""
    width, height = size
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    box = (abs(x - 0.5) < 0.2) & (abs(y - 0.5) < 0.3)
    shade = 100 * x - 10 + texture * _texture((height, width), 11, 3)
    return Image.fromarray(np.where(box, shade, 255).clip(0, 255).astype(np.uint8))


def fruit(size=(800, 800)):
    """One thing with light and a rough surface, on white."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    r = ((x - 400) ** 2 + (y - 400) ** 2) / 150**2
    shade = 190 - 100 * r + 18 * _texture((height, width), 20, 2)
    return Image.fromarray(np.where(r < 1, shade, 255).clip(0, 255).astype(np.uint8))


def framed():
    """A photograph in the middle of a white page."""
    page = Image.new("L", (900, 900), 255)
    page.paste(landscape((500, 500), sky=180), (200, 200))
    return page
