"""One table: error and notice codes to title, cause and next step, for window and terminal.

Free of Qt, so that the terminal can use it; the window translates the texts where it shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What a person reads.

    Attributes:
        title: What happened, in a few words.
        cause: Why, in one sentence.
        next_step: What the person can do.
    """

    title: str
    cause: str
    next_step: str


ERROR_TEXTS: Final[dict[str, ErrorText]] = {
    "engine": ErrorText("The engine failed", "It reported an error without a name.", "Try again."),
    "model-load": ErrorText(
        "The model was not loaded",
        "llama.cpp refused it.",
        "Choose another file, or fewer GPU layers in the settings.",
    ),
    "model-file": ErrorText(
        "This file cannot be used as a model",
        "It is missing, damaged or not a GGUF language model.",
        "Choose another file, or download it again.",
    ),
    "model-too-large": ErrorText(
        "This model needs more memory than is free",
        "By its header, weights and context do not fit.",
        "Choose a smaller quantization, set a shorter context, or close other programs.",
    ),
    "model-memory": ErrorText(
        "The model does not fit into memory",
        "Weights and context need more than is free.",
        "Choose a smaller model, a shorter context or fewer candidates side by side.",
    ),
    "load-cancelled": ErrorText(
        "Loading was cancelled", "You stopped it.", "Choose a model when you are ready."
    ),
    "template": ErrorText(
        "The model's chat template failed",
        "The conversation could not be written the way the model expects.",
        "Choose another model, or a corrected file of this one.",
    ),
    "prompt-too-long": ErrorText(
        "Too long for this model",
        "The question, its files and what was said before do not fit into its context.",
        "Ask about less, start a new conversation, or set a longer context in the settings.",
    ),
    "schema": ErrorText(
        "No reply can be kept to this JSON schema",
        "It is no schema, or asks for what cannot be checked while a reply is written.",
        "Change what is named here and ask again.",
    ),
    "no-json": ErrorText(
        "There is no whole JSON reply",
        "The attempts were cut short, or none of them won.",
        "Allow more tokens, or ask for more attempts.",
    ),
    "worker": ErrorText(
        "The engine process failed", "It could not go on.", "Ask again; it is started anew."
    ),
    "worker-start": ErrorText(
        "The engine process did not start",
        "The operating system refused it.",
        "Run 'ponder doctor' and reinstall if it reports a fault.",
    ),
    "worker-died": ErrorText(
        "The engine process ended unexpectedly",
        "Finished candidates are kept.",
        "Ask again; if it happens again, choose a smaller model or fewer GPU layers.",
    ),
    "worker-hung": ErrorText(
        "The engine did not answer",
        "It gave no sign of life and was ended. Finished candidates are kept.",
        "Ask again; if it happens again, choose fewer GPU layers, or look to the GPU's driver.",
    ),
    "engine-silent": ErrorText(
        "The engine gives no sign of life",
        "It may be slow, or stuck.",
        "Wait, or stop it: an engine that does not stop within a minute is started anew.",
    ),
    "decode": ErrorText(
        "The model could not go on",
        "llama.cpp refused a step, often for want of memory.",
        "Ask again with fewer samples or a shorter context.",
    ),
    "bad-request": ErrorText(
        "This cannot be done now", "The engine is not in a state for it.", "Load a model first."
    ),
    "models": ErrorText(
        "The model file failed", "It could not be handled.", "Try again, or choose another file."
    ),
    "gguf": ErrorText(
        "This file is damaged or no GGUF model",
        "Its header breaks the format.",
        "Download it again, or choose another file.",
    ),
    "hub": ErrorText("The hub failed", "It did not give what was asked for.", "Try again later."),
    "hub-offline": ErrorText(
        "The hub cannot be reached",
        "There is no connection to it.",
        "Check the network and the proxy; the models on this computer still work.",
    ),
    "hub-not-found": ErrorText(
        "This is not on the hub",
        "There is no such repository or file, or it is private.",
        "Check the name; a private one needs your token.",
    ),
    "hub-token": ErrorText(
        "The hub refused the token",
        "It asks for one, or the one it got is wrong or has ended.",
        "Set an access token of your hub account.",
    ),
    "hub-gated": ErrorText(
        "This repository is gated",
        "Its owner lets in only those who accepted its terms.",
        "Accept the terms on its page with your account, and set that account's token.",
    ),
    "hub-busy": ErrorText(
        "The hub is busy",
        "It gets too many requests, or fails just now.",
        "Try again in a minute.",
    ),
    "hub-answer": ErrorText(
        "The hub's answer makes no sense",
        "It is not what a hub answers.",
        "Check the address in HF_ENDPOINT, or a proxy between.",
    ),
    "download": ErrorText(
        "The download did not finish",
        "What arrived is kept.",
        "Resume it; it goes on where it stopped.",
    ),
    "download-cancelled": ErrorText(
        "It was stopped", "You stopped it.", "Start it again when you are ready."
    ),
    "download-disk-full": ErrorText(
        "There is too little room on the disk",
        "The file does not fit.",
        "Free some space or choose another models folder, then resume.",
    ),
    "download-hash": ErrorText(
        "The download is damaged",
        "Its bytes are not those that the hub names; it was discarded.",
        "Download it again; if it happens again, the network changes what it carries.",
    ),
    "download-changed": ErrorText(
        "The file was replaced on the hub",
        "What arrived belongs to an older version.",
        "Start the download again for the new one.",
    ),
    "download-name": ErrorText(
        "This file has a name that is not safe",
        "It could end up outside of the models folder.",
        "Choose another repository.",
    ),
    "question-file": ErrorText(
        "This is no question set",
        "Something in it cannot be read as questions.",
        "Mend the lines that are named, or choose another file.",
    ),
    "question-set-unknown": ErrorText(
        "There is no such question set",
        "It is neither a file nor a built-in set.",
        "Check the path or the name.",
    ),
    "sweep-unknown": ErrorText(
        "No sweep begins with that",
        "It is not in the journal, or was deleted.",
        "'ponder lab list' shows them.",
    ),
    "checker-unknown": ErrorText(
        "The answers of this sweep cannot be judged here",
        "Its questions name a checker that this version does not have.",
        "Run it with the version of Ponder that made it, or a later one.",
    ),
    "sweep-running": ErrorText(
        "This sweep is running already",
        "Another window or terminal asks its questions.",
        "Wait for its end, or stop it there first.",
    ),
    "sweep-ambiguous": ErrorText(
        "Several sweeps begin with that",
        "It is not clear which one is meant.",
        "Give more of its id; 'ponder lab list' shows them.",
    ),
    "file-missing": ErrorText(
        "There is no such file",
        "Nothing lies at this path.",
        "Check the path, or choose another file.",
    ),
    "sweep-file": ErrorText(
        "This is no sweep that can be read",
        "Something in the file is missing, or it comes from another version.",
        "Have it exported again with “Sweep, JSON”, or choose another file.",
    ),
    "sweep-plan": ErrorText(
        "This sweep cannot begin",
        "What is set up makes no sense.",
        "Change it on the left side and start again.",
    ),
    "sweep-limit": ErrorText(
        "Nothing here measures this limit",
        "No sensor of this computer tells temperature or energy, so it would end nothing.",
        "Take the limit away, or measure on a computer with such a sensor.",
    ),
    "keyring": ErrorText(
        "The key was not kept",
        "This system has no keyring that can be used.",
        "Unlock or install one, and give the key again.",
    ),
    "keyring-forget": ErrorText(
        "Nothing was deleted",
        "This system has no keyring that can be used.",
        "Unlock or install the one that holds it, and try again.",
    ),
    "hub-keyring": ErrorText(
        "The token was not kept",
        "This system has no keyring that can be used.",
        "Unlock or install one, or set the variable HF_TOKEN.",
    ),
    "preset-name": ErrorText(
        "This name cannot be used",
        "A preset is a file: letters, digits, spaces and -_.()+ can be in its name.",
        "Choose another one.",
    ),
    "preset-unknown": ErrorText(
        "No preset has this name",
        "It is not among those that were kept.",
        "Keep one in the window, in the menu beside the strategy.",
    ),
    "preset-damaged": ErrorText(
        "This preset is damaged",
        "Its file is not as Ponder writes it.",
        "Correct the file, or remove the preset and keep it again.",
    ),
    "presets-folder": ErrorText(
        "The folder of presets cannot be used",
        "A file in it cannot be read or written.",
        "Check the folder's permissions and the free space.",
    ),
    "engines": ErrorText(
        "The engine elsewhere failed", "Its description could not be handled.", "Try again."
    ),
    "engine-name": ErrorText(
        "This name cannot be used",
        "It must be free, and letters, digits, spaces and -_.()+ only.",
        "Choose another one.",
    ),
    "engine-unknown": ErrorText(
        "No engine has this name",
        "It is not among those that were saved.",
        "'ponder engines list' shows the names.",
    ),
    "engine-description": ErrorText(
        "This describes no engine",
        "The file is damaged, or one of its addresses is none.",
        "Correct it, or add the engine again.",
    ),
    "engines-folder": ErrorText(
        "The folder of engines cannot be used",
        "A file in it cannot be read or written.",
        "Allow it, or set PONDER_HOME to another folder.",
    ),
    "remote": ErrorText(
        "A server failed", "It did not do what was asked.", "Check it, and try again."
    ),
    "remote-unreachable": ErrorText(
        "The server cannot be reached",
        "There is no connection, or it said nothing for too long.",
        "Check that it runs, its address and the network between.",
    ),
    "remote-key": ErrorText(
        "The server refused the key",
        "It asks for one, or the one it got is wrong, has ended or has no credit left.",
        "Give the right key for its address, or see to its account.",
    ),
    "remote-not-found": ErrorText(
        "The server does not know this address or model",
        "It answers that there is nothing there.",
        "Check the end of the address, often /v1, and the model's name.",
    ),
    "remote-busy": ErrorText(
        "The server is busy",
        "It goes on turning requests away.",
        "Let fewer run side by side there, or try again later.",
    ),
    "remote-answer": ErrorText(
        "The server's answer makes no sense",
        "It was cut off, or is not what OpenAI's API says.",
        "Check the address, and a proxy between.",
    ),
    "remote-refused": ErrorText(
        "The server refused the request",
        "It does not do what was asked of it.",
        "Check the model's name and its context, or ask for fewer tokens.",
    ),
    "remote-server": ErrorText(
        "The server failed",
        "It goes on reporting a fault of its own.",
        "Look into its log, and try again.",
    ),
    "endpoint-lost": ErrorText(
        "A server was lost",
        "Its candidates began again on another one.",
        "What had finished is kept; check that server.",
    ),
    "endpoint-missing": ErrorText(
        "A server did not answer",
        "The engine works without it.",
        "Start that server, then load the engine again.",
    ),
    "key-in-clear": ErrorText(
        "A key goes over the network unencrypted",
        "The address begins with http:// and is another machine.",
        "Use https://, or reach it through a tunnel.",
    ),
    "json-not-kept": ErrorText(
        "This server keeps no reply to JSON",
        "It refused to; only replies that are JSON all the same can count.",
        "Ask for JSON in the question, or use another server.",
    ),
    "own-thinking": ErrorText(
        "The model thinks as it does by default",
        "This model, or its server, cannot be told what was chosen for its own thinking.",
        "Choose Default, or what it can be told.",
    ),
    "thought-not-prolonged": ErrorText(
        "Hidden thoughts are not made to go on",
        "A server cannot be told to.",
        "Choose a larger number of samples instead.",
    ),
    "asked-to-go-on": ErrorText(
        "The model was asked to go on",
        "This server does not go on with an unfinished answer by itself.",
        "Check the place where it went on.",
    ),
    "tokens-estimated": ErrorText(
        "Tokens are estimated",
        "This server does not say how many it writes, so pieces of text are counted.",
        "Compare budgets by seconds instead.",
    ),
    "serve-extra": ErrorText(
        "The API cannot be served",
        "The packages that it needs are not installed.",
        "Install Ponder with its extra 'serve', as the README says.",
    ),
    "serve-open": ErrorText(
        "The API is not opened to other computers",
        "No token is set, so that everybody there could use it.",
        "Set PONDER_API_TOKEN, or keep a token with 'ponder serve --set-token'.",
    ),
    "serve-keyring": ErrorText(
        "The token was not kept",
        "This system has no keyring that can be used.",
        "Unlock or install one, or set the variable PONDER_API_TOKEN.",
    ),
    "serve-address": ErrorText(
        "The API cannot be served at this address",
        "The system does not give it.",
        "Choose another port or host, or end the program that has it.",
    ),
    "serve-not-ready": ErrorText(
        "No model is ready",
        "It is being loaded, or could not be.",
        "Ask again in a moment.",
    ),
    "serve-full": ErrorText(
        "The queue is full", "As many questions wait as may.", "Ask again later."
    ),
    "serve-connections": ErrorText(
        "There are too many connections", "No more are taken.", "Ask again in a moment."
    ),
    "serve-stopping": ErrorText(
        "The API was ended", "It takes no more questions.", "Ask again when it is started anew."
    ),
    "serve-began-again": ErrorText(
        "The attempt began again",
        "It wrote something else than the text that was sent before.",
        "Ask again.",
    ),
    "serve-bug": ErrorText(
        "The API failed", "This is a fault in Ponder.", "Please report it with the log file."
    ),
    "library": ErrorText("The library failed", "A file could not be handled.", "Try again."),
    "model-missing": ErrorText(
        "There is no such file",
        "Nothing lies at this path.",
        "Check the path, or choose another file.",
    ),
    "model-unknown": ErrorText(
        "No model here has this name",
        "It is not in the library.",
        "'ponder models list' shows the names.",
    ),
    "model-ambiguous": ErrorText(
        "Several models have this name", "It is not clear which one is meant.", "Give it in full."
    ),
    "model-foreign": ErrorText(
        "This model is not removed",
        "It lies outside of Ponder's models folder.",
        "Remove it in the program it belongs to.",
    ),
    "model-built-in": ErrorText(
        "This model is not removed",
        "It comes with Ponder.",
        "Name another one with --model; it can stay where it is.",
    ),
    "model-here": ErrorText(
        "It is here already",
        "A file of this name is in the models folder.",
        "'ponder models list' shows it; remove that one first to replace it.",
    ),
    "models-folder": ErrorText(
        "The models folder cannot be used",
        "A file or folder in it cannot be read or written.",
        "Allow it, or choose another folder in the settings.",
    ),
    "journal": ErrorText("The journal failed", "It could not be written.", "Run 'ponder doctor'."),
    "journal-newer": ErrorText(
        "The journal was written by a newer Ponder",
        "This version does not know its form and leaves it untouched.",
        "Update Ponder, or move the file aside.",
    ),
    "journal-damaged": ErrorText(
        "The journal is damaged",
        "The file is not a readable database; it was left untouched.",
        "Move the file aside, or restore a backup from beside it.",
    ),
    "journal-read-only": ErrorText(
        "The journal cannot be written",
        "The file or its folder does not allow it.",
        "Allow writing to the data folder, or set PONDER_HOME to another one.",
    ),
    "journal-disk-full": ErrorText(
        "The disk is full",
        "What happens now is not recorded.",
        "Free some space and restart Ponder.",
    ),
    "journal-locked": ErrorText(
        "The journal is in use",
        "Another program holds the file.",
        "Close the other program.",
    ),
    "log-not-written": ErrorText(
        "The log is not written",
        "Its disk is full, or does not let it be written.",
        "Free some space if a report of a fault shall have it; Ponder works without.",
    ),
    "not-answering": ErrorText(
        "Ponder is open already and does not answer",
        "Its window is busy, or stuck, so it was not told to come to the front.",
        "Wait a moment and start it again; if that does not help, end its process first.",
    ),
    "journal-unreadable": ErrorText(
        "A record cannot be read",
        "It is damaged, or of another version. It stays as it is, and everything else is there.",
        "Ask again, or open it with the version that wrote it.",
    ),
    "journal-missing": ErrorText(
        "This is not in the journal",
        "The deliberation or the candidate was not recorded, or is deleted.",
        "Ask the question again.",
    ),
    "journal-import": ErrorText(
        "No conversations were imported",
        "The file is of no form that Ponder knows, or contradicts itself.",
        "Choose an export of Ponder, llama.cpp's page, Open WebUI, LM Studio or ChatGPT, or a JSON"
        " list of messages.",
    ),
    "journal-bug": ErrorText(
        "The journal refused a record",
        "This is a fault in Ponder.",
        "Please report it with the log file.",
    ),
    "template-fallback": ErrorText(
        "A plain chat format is used",
        "The model file has no usable chat template.",
        "Answers may be worse than the model can do.",
    ),
    "no-fork": ErrorText(
        "Candidates run one after another",
        "This kind of model cannot share a prompt between candidates.",
        "Expect longer waits for large budgets.",
    ),
    "cpu-only": ErrorText(
        "The model runs on the CPU",
        "No layer of it is on a GPU.",
        "Install with GPU=cuda, metal, vulkan or hip.",
    ),
    "partly-offloaded": ErrorText(
        "Not all layers are on the GPU",
        "llama.cpp offloaded fewer layers than were asked for.",
        "Choose a smaller model or a shorter context.",
    ),
    "no-room": ErrorText(
        "The earlier attempts do not fit the context",
        "The next round could not be shown them, so what exists decides.",
        "Choose a longer context in the settings, or fewer tokens for each candidate.",
    ),
    "self-assessed": ErrorText(
        "The model scores its own answers",
        "It was not trained to verify, so it is asked yes or no. Untrained models judge badly.",
        "Compare with a plain vote before you rely on it.",
    ),
    "symbolic-unavailable": ErrorText(
        "Answers are compared exactly only",
        "Symbolic comparison did not work.",
        "Equal answers in different notation may be counted apart.",
    ),
    "context-reduced": ErrorText(
        "The context is shorter than asked for",
        "The model or the memory does not allow more.",
        "Fewer candidates side by side, in the settings under Engine, give each of them more.",
    ),
    "not-sent": ErrorText(
        "Not sent", "It was taken back, or Ponder ended, before it was sent.", "Try again sends it."
    ),
    "settings-not-saved": ErrorText(
        "The settings were not saved",
        "Their file could not be written.",
        "They hold until Ponder ends. Make room on the disk, or allow writing in the folder.",
    ),
    "crashed-last-time": ErrorText(
        "The last model was not loaded",
        "The engine ended unexpectedly while it was in use.",
        "Choose it again to try once more, or choose another one.",
    ),
    "model-gone": ErrorText(
        "The last model is gone",
        "Its file is no longer where it was.",
        "Choose another model above.",
    ),
    "lab-no-picture": ErrorText(
        "There is no picture to save",
        "No curve is drawn.",
        "Show a curve in the legend, or wait for the first questions.",
    ),
    "output-not-writable": ErrorText(
        "The file cannot be written",
        "The system does not allow it.",
        "Choose another folder.",
    ),
    "output-folder-missing": ErrorText(
        "The folder does not exist",
        "The file cannot be written where it should be.",
        "Make the folder, or choose another one.",
    ),
    "output-exists": ErrorText(
        "The file exists already",
        "It was left as it is.",
        "Choose another name, or add --force to replace it.",
    ),
    "output-disk-full": ErrorText(
        "The disk is full",
        "The file was not written; one that was there is left as it is.",
        "Free some space, or choose another disk.",
    ),
    "conversations-none": ErrorText(
        "There are no conversations to export",
        "Nothing has been asked yet.",
        "Ask something first.",
    ),
    "folder-unknown": ErrorText(
        "There is no such folder of conversations",
        "None has this name.",
        "'ponder conversations list --json' names them all.",
    ),
    "preferences-none": ErrorText(
        "There are no preferences to export",
        "No recorded answer has a better and a worse candidate for this judge.",
        "Prefer a candidate in the window, or ask with several samples.",
    ),
    "document-unreadable": ErrorText(
        "The file could not be read",
        "It is missing, damaged or not allowed to be read.",
        "Choose another file, or copy its text into the question.",
    ),
    "document-not-text": ErrorText(
        "This file has no text to read",
        "Plain text of any kind, PDF and Word (.docx) can be attached; pictures and sound cannot.",
        "Save it as one of these, or copy its text into the question.",
    ),
    "document-without-text": ErrorText(
        "There is no text in this file",
        "It is empty, or a scan: pictures of pages, without text.",
        "Choose another file.",
    ),
    "document-locked": ErrorText(
        "This file wants a password",
        "It is encrypted.",
        "Save it without a password and attach that.",
    ),
    "document-too-large": ErrorText(
        "This file is too long to ask about",
        "At most 20 MB and a million characters are read.",
        "Attach the part of it that matters.",
    ),
    "document-too-many": ErrorText(
        "These are too many files",
        "A question takes up to eight.",
        "Attach the ones that matter.",
    ),
    "shortcuts-ignored": ErrorText(
        "Some keyboard shortcuts of the settings file are not used",
        "An action is unknown, or its keys cannot be read or are another action's.",
        "Choose them again with Keyboard shortcuts, at the lower left.",
    ),
    "settings-damaged": ErrorText(
        "The settings could not be read",
        "The file is damaged; it was kept aside and the defaults are used.",
        "Choose your settings again.",
    ),
    "journal-temporary": ErrorText(
        "This session is not kept",
        "The journal cannot be used, so a temporary one is written.",
        "Free some space or repair the folder, and restart Ponder.",
    ),
}


def error_text(code: str) -> ErrorText:
    """Return the text of a code; an unknown one gets the general text."""
    return ERROR_TEXTS.get(code, ERROR_TEXTS["engine"])


def error_line(code: str, detail: str = "") -> str:
    """Return one line for the terminal."""
    text = error_text(code)
    reason = f" ({' '.join(detail.split())})" if detail else ""
    return f"{text.title}: {text.cause}{reason} {text.next_step}"
