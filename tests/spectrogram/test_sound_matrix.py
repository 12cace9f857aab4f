"""Every container and coding that libsndfile and FFmpeg write gives a tune back, at its length."""

import av
import numpy as np
import pytest
import soundfile
from scipy.signal import correlate

from pymoo_moss.spectrogram.audio import load_audio

from .sound_files import by_ffmpeg, by_sndfile, tune

pytestmark = pytest.mark.matrix

# Sample rates in Hz that a container or coding alone has.
SNDFILE_RATES = {"WVE": 8000, "HTK": 16000, "VOC": 8000, "XI": 44100}
CODING_RATES = {
    "OPUS": 48000,
    "NMS_ADPCM_16": 8000,
    "NMS_ADPCM_24": 8000,
    "NMS_ADPCM_32": 8000,
    "GSM610": 8000,
}
# SD2 keeps its header in a second file, and RAW has none. What libsndfile lists, and does not write.
NOT_IN_ONE_FILE = {"SD2", "RAW"}
NOT_WRITTEN = {"DWVW_12", "MPEG_LAYER_I", "MPEG_LAYER_II"}

FFMPEG = {
    "pcm_s16le": "wav w64 aiff caf mp4 mov matroska asf avi flv nut ircam ismv smjpeg voc",
    "pcm_s24le": "wav w64 caf mp4 mov matroska asf avi nut ircam ismv",
    "pcm_s32le": "wav w64 caf mp4 mov matroska asf avi nut ircam sox ismv",
    "pcm_f32le": "wav w64 caf mp4 mov matroska asf avi nut ircam ismv",
    "pcm_f64le": "wav w64 caf mp4 mov matroska asf avi nut ircam ismv",
    "pcm_s16be": "aiff au caf mp4 mov matroska nut ismv mpeg vob",
    "pcm_s24be": "aiff au caf mp4 mov matroska nut ismv",
    "pcm_s32be": "aiff au caf mp4 mov matroska nut sox ismv",
    "pcm_f32be": "aiff au caf mp4 mov nut ismv",
    "pcm_f64be": "aiff au caf mp4 mov nut ismv",
    "pcm_u8": "wav w64 aiff mov matroska asf avi flv nut",
    "pcm_s8": "aiff au caf mov nut ircam",
    "pcm_alaw": "wav w64 aiff au caf mov asf avi nut ircam",
    "pcm_mulaw": "wav w64 aiff au caf mov asf avi nut ircam",
    "adpcm_ima_wav": "wav w64 caf asf avi",
    "adpcm_ima_qt": "aiff caf mov",
    "adpcm_ms": "wav w64 caf asf avi nut",
    "adpcm_g726": "wav w64 asf avi",
    "adpcm_swf": "wav flv avi",
    "adpcm_yamaha": "wav w64 asf avi nut",
    "g722": "wav w64 au asf avi nut",
    "flac": "wav w64 caf mp4 matroska ogg flac asf flv nut",
    "alac": "caf mp4 ipod mov matroska ismv",
    "wavpack": "matroska wv nut",
    "tta": "matroska tta",
    "aac": "mp4 ipod mov 3gp 3g2 matroska adts latm asf avi flv mpegts nut rm ismv f4v",
    "libmp3lame": "wav caf mp4 mov matroska mp3 asf avi flv mpegts nut ismv f4v mpeg vob swf",
    "mp2": "wav caf mp4 mov matroska mp2 asf avi mpegts nut ismv mpeg vob",
    "ac3": "wav w64 caf mp4 ipod mov matroska ac3 asf avi flv mpegts nut rm mpeg vob",
    "eac3": "wav w64 mp4 mov matroska eac3 asf avi flv mpegts nut",
    "libopus": "mp4 matroska webm ogg opus flv mpegts nut",
    "wmav1": "wav w64 asf avi",
    "wmav2": "wav w64 asf avi",
    "libopencore_amrnb": "amr 3gp mov caf",
}
FFMPEG_RATES = {"libopus": 48000, "adpcm_g726": 8000, "libopencore_amrnb": 8000}
BIT_RATES = {"libopencore_amrnb": 12_200}
FLOATING = {"FLOAT", "DOUBLE"}
ALAC = {"ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"}
LOSSLESS = {"flac", "alac", "wavpack", "tta"}
FRAMES = {
    "aac": 1024,
    "ac3": 1536,
    "eac3": 1536,
    "wmav1": 2048,
    "wmav2": 2048,
    "adpcm_ima_wav": 2041,
    "adpcm_yamaha": 2048,
    "adpcm_swf": 4096,
}
"""Samples in a frame of a codec; others have at most 1152."""
LEAST = {"libopencore_amrnb": 0.85}
"""Least correlation; AMR codes speech in 12 kbit/s, and does not keep waveforms."""


def sndfile_pairs():
    for container in soundfile.available_formats():
        for coding in soundfile.available_subtypes(container):
            rate = SNDFILE_RATES.get(container, CODING_RATES.get(coding, 22050))
            written = coding not in NOT_WRITTEN and (container == "MP3" or coding != "MPEG_LAYER_III")
            if container not in NOT_IN_ONE_FILE and written:
                yield pytest.param(container, coding, rate, id=f"{container}-{coding}")


def ffmpeg_pairs():
    for codec, containers in FFMPEG.items():
        for container in containers.split():
            if codec in av.codecs_available and container in av.formats_available:
                yield pytest.param(
                    container, codec, FFMPEG_RATES.get(codec, 44100), id=f"{container}-{codec}"
                )


def written(rate):
    """The tune in whole numbers of 16 bits, which every lossless coding keeps."""
    return np.round(tune(rate) * 2**15).astype(np.int16)


def check(content, samples, rate, *, exact, frame, least=0.99):
    found, truth = load_audio(content, rate).double().numpy(), samples / 2**15
    if exact:
        np.testing.assert_array_equal(found[: len(truth)], truth)
        assert abs(len(found) - len(truth)) <= frame
        return
    # Formats without a place for it keep their encoder's delay.
    delay = int(correlate(found, truth).argmax()) - (len(truth) - 1)
    assert -frame <= delay <= 2 * frame
    assert abs(len(found) - delay - len(truth)) <= frame
    length = min(len(found) - max(delay, 0), len(truth) - max(-delay, 0))
    found, truth = found[max(delay, 0) :][:length], truth[max(-delay, 0) :][:length]
    assert found @ truth > least * np.sqrt((found @ found) * (truth @ truth))
    # The level is the same too.
    assert found @ truth == pytest.approx(truth @ truth, rel=0.1 if least >= 0.99 else 0.5)


def keeps_16_bits(container, coding):
    # libsndfile itself does not keep them in an SDS file.
    return (
        container != "SDS"
        and coding
        in {"PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "DPCM_16", "DWVW_16", "DWVW_24"} | ALAC
    )


@pytest.mark.parametrize(("container", "coding", "rate"), list(sndfile_pairs()))
def test_what_libsndfile_writes(container, coding, rate):
    samples = written(rate)
    # libsndfile scales whole numbers for whole numbers alone.
    content = by_sndfile(samples / 2**15 if coding in FLOATING else samples, rate, container, coding)
    check(content, samples, rate, exact=keeps_16_bits(container, coding), frame=1152)


@pytest.mark.parametrize(("container", "codec", "rate"), list(ffmpeg_pairs()))
def test_what_ffmpeg_writes(container, codec, rate):
    samples = written(rate)
    content = by_ffmpeg(samples[:, None], rate, container, codec, bit_rate=BIT_RATES.get(codec, 128_000))
    exact = codec in LOSSLESS or (codec.startswith("pcm_") and codec[5:7] in {"16", "24", "32", "64"})
    check(content, samples, rate, exact=exact, frame=FRAMES.get(codec, 1152), least=LEAST.get(codec, 0.99))


def test_there_are_enough_pairs():
    assert len(list(sndfile_pairs())) + len(list(ffmpeg_pairs())) >= 300
