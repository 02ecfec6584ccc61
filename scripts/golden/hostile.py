"""Texts that tokenizers get wrong, for the golden files of the encoder and its tokenizer. All of our own making."""

import random


def texts():
    out = [
        # Nothing, and next to nothing.
        "", " ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u3000", " \t\n\r\u00a0\u3000 ", "\u200b", "\ufeff", "\x00", "\x07", ".", "a", "A", "é",
        # Case and accents, composed and decomposed.
        "HELLO World hElLo", "Café CAFÉ cafe\u0301 CAFE\u0301", "naïve façade coöperate résumé", "Ångström A\u030angstro\u0308m \u212bngström",
        "Åland ÅLAND \u212bLAND", "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß", "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ", "Tiếng Việt rất đẹp", "TIẾNG VIỆT RẤT ĐẸP",
        "Žluťoučký kůň úpěl ďábelské ódy", "Zażółć gęślą jaźń", "q\u0307\u0323 q\u0323\u0307 \u1e0b\u0323 \u1e0d\u0307", "e\u0301\u0301\u0301\u0301e", "\u0301", "\u0301\u0302\u0303",
        "a\u0301b\u0302c\u0303d", "a\u034fb", "\u0344\u0390\u03b0", "x\u20d0y\u20ddz", "o\u0338 \u2260 \u2262 \u226e \u226f", "A" + "\u0300" * 64 + "B", "a" + "\u0315\u0300\u0334" * 40 + "b",
        # Case mappings that are not one to one.
        "İstanbul ISTANBUL ıstanbul istanbul", "DİYARBAKIR Diyarbakır", "STRASSE Straße STRAẞE", "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ὈΔΥΣΣΕΎΣ", "ΣΑΣ Σ σς ΑΣ.", "\u01c4\u01c5\u01c6 \u01c7\u01c8\u01c9 \u01f1\u01f2\u01f3",
        "ﬁnd ﬂow oﬀer eﬃcient baﬄe ﬅop ﬆand", "K \u212a \u2126 \u03a9 \u00b5 \u03bc", "Ꭰ ꭰ Ა ა Ⴀ ⴀ", "Ǆ ǅ Ⅷ ⅷ Ⓐ ⓐ", "𐐀 𐐨 𐒰 𐓘 𞤀 𞤢",
        # Scripts.
        "你好，世界", "你好world再见", "漢字かな交じり文カタカナ", "ひらがな カタカナ ﾊﾝｶｸ ガ が か\u3099", "한국어 텍스트 처리", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165", "각 값 한글 \u3131\u314f",
        "สวัสดีชาวโลก", "ภาษาไทยไม่มีช่องว่าง", "مرحبا بالعالم", "السَّلَامُ عَلَيْكُمْ", "ﻣﺮﺣﺒﺎ ﷺ ﷽", "שלום עולם שָׁלוֹם", "नमस्ते दुनिया हिन्दी", "বাংলা ভাষা", "தமிழ் மொழி", "ಕನ್ನಡ తెలుగు മലയാളം",
        "Привет, мир! ПРИВЕТ ёлка Ёлка йод Йод", "Γειά σου Κόσμε άέήίόύώ", "Հայերեն ԲԱՐԵՎ", "ქართული ენა", "አማርኛ ሰላም", "ᠮᠣᠩᠭᠣᠯ", "မြန်မာ ភាសាខ្មែរ ລາວ", "བོད་ཡིག", "ᏣᎳᎩ", "𠀀𠀁𪜀𫝀𫠠𬺰", "豈更車賈滑串句", "㐀㐁䶵", "々〆〇〡", "⼀⼁⺀", "ㄅㄆㄇ", "①②③㊀㊁㍿㍻",
        # Control and format characters, direction marks, zero width.
        "a\x00b\x01c\x7fd\x80e\x9ff", "tab\there\nnew\r\nline\rend\vvt\fff", "zero\u200bwidth\u200cnon\u200djoin\u2060er\ufeffbom", "soft\u00adhyphen non\u2011breaking", "\u202eevil\u202c \u2066iso\u2069 \u200ertl\u200f",
        "a\u0085b\u2028c\u2029d", "thin\u2009space\u202fnarrow\u205fmath\u1680ogham\u2000en", "a\u180eb", "\u0600\u0601\u06dd\u070f", "\U000e0001\U000e0041tag", "\ufff9anno\ufffatated\ufffb", "a\ufffdb \ufffd\ufffd", "\ufffe\uffff", "\ue000\uf8ff private \U000f0000 \U0010fffd",
        "\ud7ff\ue000 around the surrogates", "\u0378\u0379 unassigned \U000e0fff", "x\ufe0fy\ufe00z\U000e0100",
        # Emoji.
        "😀", "great 👍🏽 job", "👨‍👩‍👧‍👦 family", "🇩🇪🇫🇷🇯🇵", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "❤️ ❤ ☺️", "1️⃣2️⃣#️⃣", "🧑🏻‍💻codes🧑🏿‍🚀", "🫠🫨🪿", "ok😀ok",
        # Words of every length around the limit.
        "a" * 99, "a" * 100, "a" * 101, "b" * 200, "c" * 5000, "x " + "é" * 99, "x " + "é" * 100 + " y", "x " + "e\u0301" * 100 + " y", "x " + "e\u0301" * 101 + " y", "各" * 150, "한" * 40 + " " + "한" * 30, "z" * 100 + "." + "z" * 100,
        "İ" * 60, "ﬃ" * 100, "\u200b" * 150 + "in" + "\u200b" * 150 + "side", "supercalifragilisticexpialidocious antidisestablishmentarianism", "Donaudampfschifffahrtsgesellschaftskapitän",
        "word " * 300, "x" * 20000, "The quick brown fox. " * 1000, "," * 400, "no-space,but;many:marks!" * 30,
        # Special tokens in the text.
        "[MASK]", "[SEP]", "[CLS] [SEP] [PAD] [UNK] [MASK]", "hello [MASK] world", "hello[MASK]world", "[mask] [Mask] [ MASK ]", "[[MASK]]", "[MASK", "MASK]", "[MASK][MASK]", "é[SEP]É", "[CLS", "[unused0] [unused99]", "##ing ##s # #", "a##b", "[MA\u200bSK]", "[ＭＡＳＫ]", "[PAD]" * 30, "\u0301[MASK]\u0301", "<s></s><pad><mask>",
        # Code, markup, addresses, numbers.
        "<p>Hello&nbsp;<b>world</b> &lt;3 &amp; &#x27;</p>", "<!-- c --><script>alert('x');</script>", "for (int i=0;i<n;++i){a[i]+=b[i]*c->d;}", "def f(x: int) -> str:\n\treturn f\"{x!r:>10}\"", "SELECT * FROM t WHERE a='b' AND c<>0;--",
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    f(1/0)\nZeroDivisionError: division by zero", "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/tmp/x.go:7 +0x1d",
        "https://example.com/a/b?c=d&e=%20f#frag", "user.name+tag@example.co.uk", "C:\\Users\\me\\file.txt /usr/local/bin ../x", "git commit -m \"fix: a_b\" --amend", "snake_case camelCase PascalCase kebab-case SCREAMING_SNAKE", "$x = @$y['k'] ?? `ls`;", "a~b^c|d{e}f\\g", "\\u0041 \\n %s %d ${HOME}",
        "1234567890 3.14159 1,000,000 1e-9 0xDEADBEEF 0b1010", "١٢٣ ۴۵۶ १२३ １２３ 𝟏𝟐𝟑", "½ ¼ ¾ ⅓ x² H₂O 10⁻⁹", "+1 (555) 123-4567", "2024-02-29T23:59:60Z", "$5.00 €5 £5 ¥5 ₹5 ₿5 5¢", "5'10\" 90° 100% 5‰ №5 §5 ¶",
        # Punctuation and symbols.
        "“curly” ‘quotes’ «guillemets» „low‟ ‹single›", "em—dash en–dash figure‒dash ―bar −minus", "…ellipsis ‥ ․ ¿qué? ¡hola!", "、。「」『』【】・〜", "，．！？；：（）", "•‣⁃◦∙", "†‡※⁂", "← → ↔ ⇒ ∀ ∃ ∈ ∑ √ ∞ ≈ ≤ ≥", "© ® ™ ℠ ℡ ℃", "│┌─┐█▓▒░", "♠♣♥♦♩♪♫♬", "a\u00b7b a\u2027b a\u30fbb", "؟ ، ؛ । ॥ ។ ၊", "\u061d\u2e43\u2e52\u166d\U00010ead", "``tex'' quotes'' don't we'll it's", "....!!!???",
        # Letters that look like others.
        "Ｆｕｌｌｗｉｄｔｈ ｔｅｘｔ", "𝐁𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 𝒮𝒸𝓇𝒾𝓅𝓉 𝔉𝔯𝔞𝔨 𝕕𝕠𝕦𝕓𝕝𝕖 𝚖𝚘𝚗𝚘", "ⓒⓘⓡⓒⓛⓔ 🅂🅀🅄 🄐", "ʇxǝʇ uʍop ǝpısdn", "раура1 (Cyrillic)", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞", "ʰʷʳ ᵃᵇᶜ ₐₑₒ", "ﬀ ĳ Ĳ ŉ ǰ ẖ ẗ ẘ ẙ ẚ",
        # Marks that canonical ordering moves.
        "a\u302e\u302fb", "a\u302f\u0334\u302eb", "\U0001d165\U0001d16d \U0001d15e", "\U0001d16d\U0001d165\U0001d172", "\u1baa\u0334x", "\u1df6\u0334\u0327y \u08d4\u08e3", "\U00011099\U000110ba \U00011938 \U00011935\U00011930",
    ]  # fmt: skip
    assert len(set(out)) == len(out)
    return out


# Where random texts take their characters from.
POOLS = [
    (0x00, 0x7F), (0x20, 0x7E), (0x41, 0x7A), (0x80, 0xFF), (0xC0, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x590, 0x6FF), (0x8D0, 0x97F),
    (0xE00, 0xEFF), (0x1100, 0x11FF), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20D0, 0x22FF), (0x2E00, 0x2E7F), (0x3000, 0x30FF), (0x4E00, 0x4FFF),
    (0xA640, 0xA7FF), (0xAC00, 0xAFFF), (0xF900, 0xFAFF), (0xFB00, 0xFB4F), (0xFE00, 0xFE2F), (0xFF00, 0xFFEF), (0x10400, 0x1044F), (0x1D150, 0x1D1FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1F6FF),
]  # fmt: skip


def mixtures(n, seed):
    """n texts of 1 to 40 characters drawn from a few pools each."""
    rnd = random.Random(seed)
    out = []
    for _ in range(n):
        pools = [POOLS[1], *rnd.sample(POOLS, 3)]
        chars = []
        for _ in range(rnd.randint(1, 40)):
            lo, hi = rnd.choice(pools)
            cp = rnd.randint(lo, hi)
            if not 0xD800 <= cp < 0xE000:
                chars.append(chr(cp))
            if rnd.random() < 0.12:
                chars.append(" ")
        out.append("".join(chars))
    return out
