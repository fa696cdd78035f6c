package studio.atelier.models.hub;

/** A secret that opens private repositories. It prints as dots. */
public final class HubToken {
    private final String secret;

    public HubToken(String secret) {
        String trimmed = secret.strip();
        if (trimmed.isEmpty() || trimmed.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
            throw new IllegalArgumentException("token: expected letters and digits without spaces");
        }
        this.secret = trimmed;
    }

    /** For places that keep secrets. */
    String secret() {
        return secret;
    }

    /** The value of an Authorization header. */
    String bearer() {
        return "Bearer " + secret;
    }

    @Override
    public String toString() {
        return "token …";
    }
}
