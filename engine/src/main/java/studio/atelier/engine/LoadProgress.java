package studio.atelier.engine;

/**
 * How much of a model has been read from the disk.
 *
 * @param readBytes bytes of weights brought into memory so far
 * @param totalBytes bytes of weights in all
 */
public record LoadProgress(long readBytes, long totalBytes) {}
