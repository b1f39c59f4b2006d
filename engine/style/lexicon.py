"""What musical words mean to the stand-in: mixtures of the sketch's anchors and of qualities.

A meaning is written as its parts, divided by commas: an anchor, or a quality with its sign, each
with a weight where it is not 1. "bright lead, synth bass 0.5, +busy, -far 0.5" is a bright lead,
half as much synth bass, busy, and a little dry.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

QUALITIES = ("bright", "sharp", "ringing", "busy", "rough", "far", "wide", "high", "electric")
"""Each from −1 to 1: dark to bright, swelling to struck at once, short to long, sparse to dense,
pure to noisy, dry and close to far in a room, mono to wide, low to high, acoustic to synthetic."""

ANCHORS: dict[str, tuple[float, ...]] = {
    #                   bright sharp ringing busy rough far   wide  high electric
    "grand piano":     ( 0.1,  0.7,  0.3,  0.2, -0.5,  0.0,  0.3,  0.0, -0.9),
    "electric piano":  (-0.2,  0.5,  0.3,  0.2, -0.3,  0.1,  0.1,  0.0,  0.3),
    "organ":           ( 0.1, -0.1,  0.6,  0.0,  0.0,  0.3, -0.2,  0.1,  0.1),
    "strings":         ( 0.2, -0.7,  0.6, -0.2,  0.1,  0.6,  0.4,  0.2, -0.9),
    "choir":           (-0.1, -0.8,  0.7, -0.5, -0.2,  0.9,  0.2,  0.1, -0.9),
    "brass":           ( 0.5, -0.1,  0.3,  0.1,  0.4,  0.3, -0.4,  0.0, -0.8),
    "flute":           ( 0.2, -0.3,  0.2,  0.1,  0.0,  0.3, -0.6,  0.8, -0.9),
    "nylon guitar":    (-0.1,  0.7, -0.1,  0.4, -0.2, -0.2,  0.0, -0.1, -1.0),
    "electric guitar": ( 0.2,  0.6,  0.2,  0.3,  0.1,  0.0, -0.5, -0.1,  0.1),
    "distorted guitar":( 0.6,  0.5,  0.6,  0.5,  1.0,  0.1, -0.3, -0.2,  0.4),
    "double bass":     (-0.8,  0.3, -0.2,  0.2, -0.1, -0.4, -0.6, -0.9, -0.9),
    "synth bass":      (-0.3,  0.6, -0.5,  0.6,  0.4, -0.6, -0.8, -0.9,  0.9),
    "sub bass":        (-1.0,  0.0,  0.3,  0.0, -0.8, -0.8, -1.0, -1.0,  0.9),
    "warm pad":        (-0.6, -1.0,  0.9, -0.7, -0.4,  0.8,  0.5, -0.1,  0.7),
    "glass pad":       ( 0.6, -0.7,  0.9, -0.5, -0.4,  0.9,  0.1,  0.6,  0.7),
    "bright lead":     ( 0.8,  0.4,  0.1,  0.7,  0.3, -0.1, -0.3,  0.5,  1.0),
    "bells":           ( 0.7,  0.8,  1.0, -0.3, -0.1,  0.7,  0.1,  0.7, -0.4),
    "marimba":         (-0.2,  0.9, -0.5,  0.6, -0.3, -0.1,  0.1,  0.2, -0.9),
    "music box":       ( 0.7,  0.9,  0.2,  0.3, -0.4,  0.2,  0.1,  1.0, -0.8),
    "acoustic drums":  ( 0.3,  0.9, -0.8,  0.5,  0.7, -0.1,  0.1, -0.4, -0.9),
    "techno drums":    ( 0.3,  1.0, -0.8,  0.8,  0.6, -0.3,  0.1, -0.6,  1.0),
    "breakbeat":       ( 0.5,  1.0, -0.8,  1.0,  0.9, -0.1, -0.4, -0.4,  0.2),
    "lo-fi":           (-0.7,  0.2, -0.1,  0.0,  0.5, -0.2, -0.5, -0.2,  0.2),
    "ambient":         (-0.3, -1.0,  1.0, -1.0, -0.2,  1.0,  0.6,  0.0,  0.5),
    "orchestral":      ( 0.3, -0.3,  0.5,  0.2,  0.2,  0.8,  0.4,  0.0, -1.0),
}  # fmt: skip
"""The sketch's anchors, by the texts they are embedded by, and their qualities."""

INSTRUMENTS = {
    "grand piano": "piano, concert grand, steinway, upright piano, toy piano, pianoforte, honky "
    "tonk, klavier, prepared piano, felt piano, keyboard, ivories",
    "electric piano": "rhodes, wurlitzer, wurli, epiano, e piano, keys, fm piano, dx7, clavinet, "
    "clav, suitcase, fender rhodes, tine piano, casio, casiotone",
    "organ": "hammond, b3, church organ, pipe organ, drawbar, leslie, harmonium, accordion, "
    "bandoneon, harmonica, melodica, concertina, farfisa, orgel, bagpipe",
    "strings": "string, violin, viola, cello, fiddle, string section, string quartet, violins, "
    "quartet, bowed, arco, tremolo strings, erhu, violon, strings section",
    "strings, nylon guitar 0.8, +sharp": "pizzicato, pizz",
    "strings, +electric 0.5": "synth strings, mellotron, string machine, solina",
    "choir": "voice, voices, vocal, vocals, singer, singing, sung, chorale, chant, gregorian, "
    "ooh, aah, ahh, a cappella, acapella, monks, choral, human, vox, opera, hum, humming",
    "brass": "horn, horns, trumpet, trombone, tuba, french horn, flugelhorn, cornet, brass band, "
    "horn section, fanfare, saxophone, sax, alto sax, tenor sax, big band, bugle, trompete",
    "brass, +electric": "synth brass, brass stab",
    "flute": "whistle, recorder, piccolo, pan flute, panpipes, ocarina, shakuhachi, tin whistle, "
    "woodwind, woodwinds, clarinet, oboe, bassoon, winds, wind, ney, fife, flauta, cor anglais",
    "nylon guitar": "nylon, acoustic guitar, classical guitar, spanish guitar, harp, lute, "
    "ukulele, uke, banjo, mandolin, flamenco guitar, fingerpicked, fingerpicking, koto, sitar, "
    "zither, dulcimer, hammered dulcimer, harpsichord, cembalo, folk guitar, plucked, pluck, oud, "
    "steel string, bouzouki",
    "electric guitar": "guitar, clean guitar, jazz guitar, stratocaster, strat, telecaster, "
    "tele, les paul, palm muted, muted guitar, surf guitar, slide guitar, pedal steel, gitarre, "
    "guitarra",
    "distorted guitar": "distortion guitar, overdriven guitar, heavy guitar, power chord, power "
    "chords, riff, shred, guitar solo, fuzz guitar, metal guitar, rock guitar, wall of guitar",
    "double bass": "upright bass, contrabass, standup bass, acoustic bass, walking bass, bass, "
    "upright, bass guitar, electric bass, fretless, fretless bass, slap bass, slap, kontrabass, "
    "jazz bass",
    "synth bass": "acid bass, acid, 303, tb 303, moog bass, moog, reese, reese bass, wobble, "
    "wobble bass, bassline, analog bass, funk bass, growl",
    "sub bass": "sub, subbass, 808 bass, sine bass, low end, rumble, deep bass, subsonic, sine",
    "warm pad": "pad, synth pad, soft pad, analog pad, juno, juno pad, string pad, polysynth, "
    "swell, swells, sweep, dark pad, prophet",
    "glass pad": "glass, crystal, glass harmonica, glass harp, wine glasses, crystalline, "
    "singing bowl, singing bowls, shimmer, shimmering, bowed glass, fantasia, icy pad, digital "
    "pad, waterphone",
    "bright lead": "lead, synth lead, saw, sawtooth, saw lead, square lead, square wave, synth, "
    "synthesizer, synthesiser, supersaw, super saw, portamento, theremin, arpeggio, arp, "
    "chiptune lead, hoover, pulse wave, trance lead, minimoog, arpeggiator, keytar",
    "bells": "bell, chime, chimes, tubular bells, church bells, gong, tubular bell, church bell, "
    "carillon, wind chimes, handbells, gamelan, crotales, cowbell, triangle, tingsha, temple "
    "bell, fm bell, fm bells, cymbalom, glocke, campana",
    "marimba": "vibraphone, vibes, xylophone, kalimba, mbira, mallets, mallet, balafon, wood "
    "block, steel drum, steel pan, steelpan, steel drums, thumb piano, wooden, log drum, angklung",
    "music box": "celesta, celeste, glockenspiel, glock, lullaby, toy, musical box, wind up, "
    "toybox, nursery, tinkling, twinkling, twinkle",
    "acoustic drums, techno drums 0.4, breakbeat 0.4": "drum, drums, percussion, drumming, "
    "schlagzeug, bateria, drummer, rhythm section, percussive",
    "acoustic drums 0.5, techno drums 0.3, breakbeat 0.3": "beat, beats, rhythm, groove, grooves",
    "acoustic drums": "drum kit, drum set, drumkit, live drums, rock drums, jazz drums, brushes, "
    "snare, toms, tom tom, cymbal, cymbals, hi hat, hihat, ride, bongo, bongos, conga, congas, "
    "djembe, tabla, taiko, timpani, tambourine, shaker, real drums, cajon, marching, clap, claps",
    "techno drums": "drum machine, electronic drums, 808, 909, tr 808, tr 909, kick, kick drum, "
    "four on the floor, house drums, linn, linndrum, electro drums, house beat, club beat, trap "
    "drums, programmed drums, 4 4",
    "breakbeat": "break, breaks, break beat, amen, amen break, chopped drums, breakcore, funky "
    "drummer, jungle drums, chopped breaks",
    "orchestral": "orchestra, symphony, symphonic, philharmonic, full orchestra, tutti, "
    "ensemble, chamber, orchester, chamber orchestra",
}
"""Meanings, and the words and phrases for them: what plays."""

GENRES = {
    "ambient 1.2": "drone, drones, soundscape, space music, atmosphere, atmospheric, new age, "
    "music for airports, airport, meditation, ambience, drift, drifting, brian eno, eno, spa, "
    "yoga, sleep",
    "ambient, sub bass 0.4, -bright": "dark ambient, cave, abyss, underwater, deep space",
    "lo-fi 1.5": "lofi, lo fi, lofi hip hop, lo fi hip hop, chillhop, study beats, bedroom, "
    "cassette, tape, vinyl, dusty, vhs, crackle, crackly, wow and flutter, worn, old radio, "
    "gramophone, bitcrushed, degraded, old tape, boom bap",
    "orchestral, choir 0.3": "cinematic, film score, soundtrack, trailer, epic, film, score, "
    "movie, hollywood, adventure, heroic, fantasy, hans zimmer",
    "orchestral": "classical, romantic, mozart, beethoven, concerto, overture, waltz, baroque, "
    "bach, vivaldi, mahler, tchaikovsky, minuet",
    "double bass, electric piano 0.6, acoustic drums 0.5": "jazz, jazzy, bebop, swing, swinging, "
    "cool jazz, blue note, jazz club",
    "electric piano, nylon guitar 0.6": "bossa nova, bossa, samba, lounge, neo soul, soul, rnb, "
    "r n b, smooth jazz, smooth, elevator, elevator music, lobby, hotel bar, supermarket",
    "synth bass, electric piano 0.5, breakbeat 0.5": "funk, funky, disco, boogie, nu disco, motown",
    "breakbeat 1.2, synth bass 0.5, +busy": "jungle, drum and bass, drum n bass, dnb, d n b, big "
    "beat, liquid dnb, rave, uk garage, garage, breakdance",
    "breakbeat, sub bass 0.6, lo-fi 0.3": "hip hop, hiphop, rap, trip hop, grime",
    "techno drums, sub bass 0.7": "trap, drill, dub techno, minimal techno, phonk",
    "techno drums, synth bass 0.5": "techno, house, edm, electro, deep house, dance, club, rave "
    "techno, minimal, tech house, acid house, four to the floor, ebm, industrial, detroit, "
    "berlin, electronic, electronica, warehouse, eurodance",
    "bright lead, techno drums 0.6, synth bass 0.3": "trance, eurobeat, psytrance, goa, "
    "hardstyle, hardcore, gabber, festival, edm lead",
    "bright lead, synth bass 0.4, warm pad 0.3": "synthwave, retrowave, outrun, synth pop, "
    "synthpop, blade runner, cyberpunk, neon, eighties, 80s, 1980s, vangelis, electropop, new "
    "wave, italo, vaporwave",
    "bright lead, -far, +electric": "chiptune, 8 bit, 8bit, 8 bits, video game, nintendo, game "
    "boy, gameboy, arcade, boss battle, boss fight, hyperpop, sega, game, glitch, robot, robotic",
    "synth bass, sub bass 0.6": "dubstep, future bass, brostep, bass music, neuro",
    "sub bass, organ 0.4, electric guitar 0.4": "dub, reggae, ska, dancehall, reggaeton",
    "distorted guitar, acoustic drums 0.5": "rock, metal, heavy metal, punk, grunge, hard rock, "
    "thrash, stoner, death metal, djent, black metal, garage rock, hard core punk",
    "distorted guitar, ambient 0.5, +far": "shoegaze, post rock, noise rock, wall of sound",
    "electric guitar, acoustic drums 0.4": "blues, surf, country, cowboy, western, indie, indie "
    "rock, rockabilly, pop, bluesy, rock and roll, rock n roll, twang, twangy, afrobeat, "
    "highlife, pop rock",
    "nylon guitar": "folk, flamenco, spanish, campfire, singer songwriter, acoustic, bluegrass, "
    "celtic, medieval, renaissance, fado, latin, tango, salsa, mediterranean, hawaiian, americana",
    "grand piano, +far 0.5": "ballad, nocturne, chopin, satie, ragtime, prelude, sonata, "
    "neoclassical, debussy, recital, piano bar, slow dance, torch song",
    "organ, choir 0.6, +far": "church, gospel, sacred, cathedral, hymn, requiem, mass",
    "marimba, +busy 0.5": "african, tropical, caribbean, tropical house, calypso, minimalism, "
    "beach, palm trees, steve reich, reich, island, safari",
    "music box, bells 0.5": "christmas, xmas, winter, snow, jingle, fairy, fairytale, magic, "
    "magical, sparkle, sparkling, sparkly, stars, starry",
    "organ, brass 0.4": "polka, shanty, sea shanty, musette, oktoberfest",
    "organ, music box 0.7": "carousel, carousels, fairground, carnival, merry go round, calliope, "
    "funfair, ice rink",
    "brass, acoustic drums 0.5": "march, military, parade, circus, mariachi, oompah, ceremonial",
}
"""Meanings, and the kinds of music for them."""

MOODS = {
    "warm pad 0.4, -bright, -sharp 0.3": "warm, warmth, mellow, cosy, cozy, velvet, velvety, "
    "soft, gentle, tender, smooth and warm, round, lush, silky, creamy, hazy, sunset, evening, "
    "autumn, candlelight",
    "warm pad 0.5, ambient 0.4, +far": "dreamy, dream, dreams, floating, cloud, clouds, "
    "nostalgic, nostalgia, melancholy, melancholic, sad, wistful, lonely, love, night, "
    "hypnagogic, bittersweet",
    "ambient 0.7, -busy, -sharp 0.5": "calm, peaceful, relaxing, relaxed, chill, chillout, "
    "quiet, serene, still, slow, meditative, tranquil, sleepy, soothing, largo, adagio, "
    "lento, downtempo, slowly, empty, ocean, sea, rain, forest, mist, "
    "fog, distant, horizon",
    "ambient 0.3, -busy 0.7": "rainy, drizzle, lazy, sunday, afternoon, daydream",
    "glass pad 0.7, +bright 0.5, +far": "icy, cold, ethereal, frozen, celestial, heavenly, "
    "angelic, ice, otherworldly, alien, cosmic, space, spacey, galaxy, aurora, sci fi, mystical, "
    "luminous, transparent",
    "sub bass 0.4, ambient 0.4, -bright, -high 0.5": "dark, deep, ominous, scary, horror, "
    "brooding, sinister, gloomy, spooky, haunting, haunted, eerie, murky, tense, suspense, "
    "mysterious, doom",
    "bright lead 0.3, +bright": "brilliant, shiny, vivid, airy, light, sunny, open, spring, "
    "summer, morning, dawn, sunrise, colorful, colourful",
    "marimba 0.4, music box 0.3, +busy 0.5": "happy, playful, cheerful, joyful, cute, whimsical, "
    "bouncy, quirky, funny, innocent, childlike, fun, silly, merry",
    "orchestral 0.7, +far 0.5": "grand, majestic, dramatic, triumphant, noble, glorious, "
    "powerful, monumental, victory, tragic",
    "breakbeat 0.4, +busy": "fast, quick, energetic, driving, upbeat, uptempo, frantic, "
    "presto, allegro, rapid, lively, hectic, vivace, rush, energy, running, intense, chase",
    "distorted guitar 0.6, +rough": "aggressive, angry, brutal, heavy, harsh, evil, violent, "
    "rage, furious, loud, raw, savage, gnarly, screaming",
    "strings 0.5, grand piano 0.4, -sharp 0.3": "romance, emotional, beautiful, elegant, "
    "passionate, expressive, lyrical, longing, sentimental, legato, espressivo, moving, touching",
}
"""Meanings, and the moods and the tempos for them."""

TEXTURES = {
    "+far": "reverb, spring reverb, plate reverb, reverberant, echo, delay, far, hall, roomy, "
    "wash, washed out, huge hall, big hall, empty hall, big room, far away, echoing, echoey",
    "+far, +wide": "spacious, huge, vast, massive, big, immense, enormous, surround, airiness",
    "+wide": "wide, stereo, chorus, broad, panned, wide stereo",
    "-far": "dry, close, near, in your face, intimate, tight, bone dry, close miked, small room",
    "-wide": "mono, narrow, centered, centred",
    "-far 0.7, -wide 0.7": "small, thin",
    "+rough": "noisy, noise, gritty, dirty, rough, fuzz, fuzzy, distorted, distortion, "
    "overdrive, overdriven, crunchy, crunch, saturated, drive, saturation, grainy, granular, "
    "breathy, buzzing, buzzy, crushed, bitcrusher, static, hiss, raspy, scratchy, growling, grit",
    "-rough": "clean, pure, polished, simple, pristine, hi fi, hifi, clarity",
    "+sharp": "sharp, plucky, punchy, snappy, staccato, stab, stabs, struck, hit, hits, attack, "
    "clicky, hard, punch, accented, marcato, transient, transients",
    "-sharp": "fade, fading, swelling, slow attack, blurred, blurry, bowing, evolving, smear",
    "+ringing": "sustained, sustain, long, ringing, resonant, held, endless, lingering, "
    "resonance, ring, long notes, tenuto, continuous, infinite",
    "-ringing": "short, muted, damped, choked, gated, dead, stubby, palm mute, clipped, short "
    "notes",
    "+high": "high, higher, soprano, top, tiny, high pitched, upper, falsetto, descant",
    "-high": "low, lower, baritone, bottom, bassy, low pitched, subterranean, boomy, thick, fat",
    "bright lead 0.2, +bright": "bright, brightness, treble",
    "+bright": "crisp, clear, trebly",
    "-bright": "dull, muffled, filtered, lowpass, low pass, rounded, dim, dimmed, shadow, "
    "subdued, smoky, dusk, matte, veiled",
    "+bright 0.7, +rough 0.3": "metallic, tinny, metal plate, brassy, piercing, nasal, sizzling, "
    "brash, glaring",
    "+busy": "busy, dense, many notes, full of notes",
    "-busy": "sparse, few notes, sparsely",
    "+busy 0.7": "arpeggiated, rolling, running notes, virtuosic, complex, polyrhythmic, "
    "dancing, rhythmic, syncopated, moderato, medium fast, tremolando, repeated, ostinato",
    "-busy 0.7": "minimalist, spare, pauses, simple melody, andante, midtempo, one note, breathing",
    "+electric": "synthetic, digital, analog, analogue, modular, futuristic, artificial, "
    "electric, plastic, modern, machine, fm, wavetable, technological, virtual",
    "nylon guitar 0.5, -electric": "unplugged",
    "-electric": "natural, organic, real, traditional, vintage wood, wood, live, "
    "earthy, handmade, authentic, rustic",
    "lo-fi 0.5, -bright 0.5": "vintage, retro, old, 70s, 1970s, 60s, analog tape, warped, faded, "
    "detuned, wobbly, ancient, antique, rusty",
}
"""Meanings, and the textures, the ways of playing and of production for them."""

PICTURES = {
    "🎹": "piano", "🎸": "guitar", "🎻": "violin", "🎺": "trumpet", "🎷": "saxophone",
    "🥁": "drums", "🪕": "banjo", "🎤": "vocals", "🔔": "bell", "🪈": "flute", "🪗": "accordion",
    "🌊": "ocean", "🌌": "space", "🤖": "robot", "❄": "ice", "🔥": "energetic", "🌙": "night",
}  # fmt: skip
"""Words for the pictures among letters."""

NEGATIONS = frozenset({"no", "not", "without", "never", "minus", "non", "sans", "ohne", "except"})
"""What comes next is not wanted; "or" and "nor" carry on."""
STRENGTHS = {
    "very": 1.5, "super": 1.5, "extremely": 1.7, "really": 1.4, "so": 1.2, "ultra": 1.7,
    "more": 1.3, "most": 1.4, "mostly": 1.2, "slightly": 0.4, "somewhat": 0.5, "bit": 0.5,
    "little": 0.5, "quite": 1.1, "hint": 0.35, "touch": 0.4, "subtle": 0.4, "subtly": 0.4,
    "less": -0.5, "rather": 0.8,
}  # fmt: skip
"""How much what comes next counts."""
_FILLERS = (
    "a an the of in on at with and or nor to for from by as is it its like some any my your this "
    "that too much many over under up into music sound sounds song style feel feeling vibe tune "
    "sounding playing plays played play melody melodies solo kind type track mood tone tones "
    "but i me we want need please make give just only all one two section instrument"
)
FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing of the sound."""

PARTS = ((INSTRUMENTS, 1.0), (GENRES, 0.75), (MOODS, 0.6), (TEXTURES, 1.0))
"""The tables, and how much their words count next to an instrument's name."""


class Meaning(NamedTuple):
    """What a phrase means: weights of anchors and of qualities, each by name."""

    anchors: dict[str, float]
    qualities: dict[str, float]


def meaning(parts: str, weight: float = 1.0) -> Meaning:
    """Reads a meaning as it is written in the tables.

    Raises:
        ValueError: a part is neither an anchor nor a quality with its sign.
    """
    read = Meaning({}, {})
    for part in parts.split(", "):
        name, _, last = part.rpartition(" ")
        number = last.replace(".", "", 1).isdigit()
        name, amount = (name, float(last)) if number else (part, 1.0)
        if name in ANCHORS:
            read.anchors[name] = weight * amount
        elif name[:1] in ("+", "-") and name[1:] in QUALITIES:
            read.qualities[name[1:]] = weight * (amount if name[0] == "+" else -amount)
        else:
            raise ValueError(f"{name!r} is neither an anchor nor a quality with its sign")
    return read


@cache
def lexicon() -> dict[str, Meaning]:
    """Returns every word and phrase that is known, in lower case, with what it means."""
    known = {name.replace("-", " "): Meaning({name: 1.0}, {}) for name in ANCHORS}
    for table, weight in PARTS:
        for parts, phrases in table.items():
            for phrase in phrases.split(", "):
                known.setdefault(phrase, meaning(parts, weight))
    return known
