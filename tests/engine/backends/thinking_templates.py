"""Chat templates that can be told of the model's own thinking, in the shapes of the field."""

from __future__ import annotations

from typing import Final

TURNS: Final = (
    "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
)
ANSWERS: Final = "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
QWEN3: Final = TURNS + (
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"
)
QWEN35: Final = TURNS + (
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}{%- else %}{{- '<think>\\n' }}{%- endif %}{%- endif %}"
)
SMOLLM3: Final = (
    "{%- if enable_thinking is not defined %}{%- set enable_thinking = true %}{%- endif %}"
    "{{- '<|im_start|>system\\nReasoning Mode: ' }}"
    "{{- '/think' if enable_thinking else '/no_think' }}{{- '<|im_end|>\\n' }}"
) + (TURNS + ANSWERS)
GRANITE: Final = (
    "{%- if thinking %}{{- '<|im_start|>system\\nWrite your thoughts down first.<|im_end|>\\n' }}"
    "{%- endif %}"
) + (TURNS + ANSWERS)
DEEPSEEK: Final = (
    "{%- if not thinking is defined %}{%- set thinking = false %}{%- endif %}"
    + TURNS
    + "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
    "{{- '<think>' if thinking else '</think>' }}{%- endif %}"
)
HARMONY: Final = (
    '{%- if reasoning_effort is not defined %}{%- set reasoning_effort = "medium" %}{%- endif %}'
    "{{- '<|start|>system<|message|>Reasoning: ' + reasoning_effort + '<|end|>' }}"
    "{%- for m in messages %}{{- '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|start|>assistant' }}{%- endif %}"
)
MISTRAL: Final = (
    "{%- set reasoning_effort = reasoning_effort | default('none') %}"
    "{%- if reasoning_effort not in ['none', 'high'] %}"
    "{{- raise_exception('reasoning_effort must be none or high') }}{%- endif %}"
    "{{- '[MODEL_SETTINGS]' + reasoning_effort + '[/MODEL_SETTINGS]' }}"
) + (TURNS + ANSWERS)
BOTH: Final = (
    "{%- if enable_thinking and reasoning_effort %}"
    "{{- '<|im_start|>system\\nEffort: ' + reasoning_effort + '<|im_end|>\\n' }}{%- endif %}"
) + DEEPSEEK.replace("thinking", "enable_thinking")
