package studio.atelier.engine.backend.ffi;

/** Metal refused: no device, no memory, a kernel that does not compile, a command that failed. The text is for people. */
public final class MetalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MetalException(String message) {
        super(message);
    }
}
