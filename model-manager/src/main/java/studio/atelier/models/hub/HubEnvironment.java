package studio.atelier.models.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the environment says about the hub, in the words that the Python tools read: {@code HF_ENDPOINT},
 * {@code HF_TOKEN}, {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_HUB_OFFLINE} and their older names.
 */
public record HubEnvironment(Map<String, String> variables, Path home) {
    private static final Set<String> YES = Set.of("1", "on", "yes", "true");
    private static final int LONGEST_TOKEN_BYTES = 16_384;

    public HubEnvironment {
        variables = Map.copyOf(variables);
    }

    /** This process's. */
    public static HubEnvironment ofThisProcess() {
        return new HubEnvironment(System.getenv(), Path.of(System.getProperty("user.home", ".")));
    }

    /**
     * How Hugging Face, or the mirror that is named instead, is reached. The person's token goes to a mirror only when
     * {@code ATELIER_TOKEN_TO_MIRROR} says so: whoever runs the mirror could use it.
     *
     * @throws IOException when a variable holds no address
     */
    public HubSettings settings() throws IOException {
        return settings(Optional.empty());
    }

    /**
     * Likewise.
     *
     * @param kept a token that the person typed; it comes before those of the environment
     */
    public HubSettings settings(Optional<HubToken> kept) throws IOException {
        URI endpoint = endpoint("HF_ENDPOINT", HubSettings.HUGGING_FACE);
        boolean official = HubSettings.HUGGING_FACE.getHost().equalsIgnoreCase(endpoint.getHost());
        HubSettings settings = HubSettings.of(endpoint).withProxies(new EnvironmentProxies(variables));
        if (isOffline()) {
            settings = settings.withoutNetwork();
        }
        if (!(official || isSet("ATELIER_TOKEN_TO_MIRROR"))) {
            return settings;
        }
        if (kept.isEmpty() && isSet("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
            return settings;
        }
        Optional<HubToken> token = kept.isPresent() ? kept : token();
        return token.isPresent() ? settings.withToken(token.get()) : settings;
    }

    /** How ModelScope is reached. */
    public HubSettings modelScopeSettings() throws IOException {
        HubSettings settings = HubSettings.of(endpoint("MODELSCOPE_ENDPOINT", HubSettings.MODEL_SCOPE))
                .withProxies(new EnvironmentProxies(variables));
        if (isOffline()) {
            settings = settings.withoutNetwork();
        }
        String token = text("MODELSCOPE_API_TOKEN");
        return token.isEmpty() ? settings : settings.withToken(new HubToken(token));
    }

    private URI endpoint(String variable, URI usual) throws IOException {
        String text = text(variable);
        if (text.isEmpty()) {
            return usual;
        }
        try {
            return HubSettings.of(URI.create(text)).endpoint();
        } catch (IllegalArgumentException e) {
            throw new IOException(variable + " holds no address: expected one like https://host.", e);
        }
    }

    /** Whether nothing may be asked for. */
    public boolean isOffline() {
        return isSet("HF_HUB_OFFLINE") || isSet("TRANSFORMERS_OFFLINE");
    }

    /** The first of: {@code HF_TOKEN}, its older name, the file that the Python tools write at login. */
    Optional<HubToken> token() throws IOException {
        for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            String text = text(variable);
            if (!text.isEmpty()) {
                return Optional.of(tokenOf(text, variable));
            }
        }
        String named = text("HF_TOKEN_PATH");
        Path file = named.isEmpty() ? hubHome().resolve("token") : Path.of(named);
        if (!Files.isRegularFile(file) || Files.size(file) > LONGEST_TOKEN_BYTES) {
            return Optional.empty();
        }
        String text = Files.readString(file).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(tokenOf(text, file.toString()));
    }

    private static HubToken tokenOf(String text, String where) throws IOException {
        try {
            return new HubToken(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("What " + where + " holds is no token; log in again.", e);
        }
    }

    private Path hubHome() {
        String named = text("HF_HOME");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        String cache = text("XDG_CACHE_HOME");
        return (cache.startsWith("/") ? Path.of(cache) : home.resolve(".cache")).resolve("huggingface");
    }

    /** The cache that all tools of this machine share. */
    public Path cacheFolder() {
        for (String variable : new String[] {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
            if (!text(variable).isEmpty()) {
                return Path.of(text(variable));
            }
        }
        return hubHome().resolve("hub");
    }

    /** Whether the cache is to hold plain files only. */
    public boolean refusesSymlinks() {
        return isSet("HF_HUB_DISABLE_SYMLINKS");
    }

    private boolean isSet(String variable) {
        return YES.contains(text(variable).toLowerCase(Locale.ROOT));
    }

    private String text(String variable) {
        return variables.getOrDefault(variable, "").strip();
    }
}
