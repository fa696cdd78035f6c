package studio.atelier.engine.models;

/** Of which positions logits are wanted. */
public enum LogitRows {
    /** Only of the last: generation. */
    LAST,
    /** Of all: comparing engines. */
    ALL
}
