package studio.atelier.engine.chat;

/** How the inside of a block spells a tool call. */
enum CallSyntax {
    /** {@code {"name": ..., "arguments": {...}}} or a list of such. */
    JSON,
    /** {@code name<｜tool▁sep｜>{...}}, in R1 with a kind before and a fence around the arguments. */
    DEEPSEEK,
    /** {@code functions.name:0<|tool_call_argument_begin|>{...}}. */
    KIMI,
    /** {@code name"><parameter name="key">value</parameter>}: MiniMax, DeepSeek V3.2. */
    INVOKE,
    /** {@code name><parameter=key>value</parameter>} or {@code name>{...}}: Qwen3-Coder, Llama 3.1. */
    FUNCTION,
    /** Inside {@code <tool_call>}: JSON as Hermes has it, a function, or GLM's keys and values. */
    TAGGED,
    /** A list of JSON calls, or {@code name[ARGS]{...}}. */
    MISTRAL,
    /** Llama 3: a JSON call, {@code tool.call(key="value")}, or code. */
    PYTHON_TAG
}
