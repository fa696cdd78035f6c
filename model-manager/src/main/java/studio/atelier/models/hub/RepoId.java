package studio.atelier.models.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository's name, {@code owner/name}; a few old ones have no owner.
 *
 * @param owner empty where there is none
 */
public record RepoId(String owner, String name) {
    private static final int LONGEST = 96;
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?");
    private static final Pattern PAGE = Pattern.compile(
            "https?://[^/]+/(?:models/)?([^/?#]+/[^/?#]+?)(?:/(?:tree|blob|files|summary)(?:/.*)?)?/?(?:[?#].*)?");

    public RepoId {
        if (!owner.isEmpty() && !isPart(owner)) {
            throw new IllegalArgumentException("repository: expected owner/name, got the owner " + owner);
        }
        if (!isPart(name) || name.endsWith(".git")) {
            throw new IllegalArgumentException("repository: expected owner/name, got the name " + name);
        }
    }

    /** Reads {@code owner/name}, or the address of a model's page as copied from a browser. */
    public static Optional<RepoId> find(String text) {
        String trimmed = text.strip();
        Matcher page = PAGE.matcher(trimmed);
        String id = page.matches() ? page.group(1) : trimmed;
        int slash = id.indexOf('/');
        String owner = slash < 0 ? "" : id.substring(0, slash);
        String name = id.substring(slash + 1);
        boolean valid = (slash < 0 || isPart(owner)) && isPart(name) && !name.endsWith(".git");
        return valid ? Optional.of(new RepoId(owner, name)) : Optional.empty();
    }

    /** Reads {@code owner/name}. */
    public static RepoId parse(String text) {
        return find(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "repository: expected owner/name, of letters, digits, \"-\", \"_\" and \".\", got " + text));
    }

    private static boolean isPart(String part) {
        return part.length() <= LONGEST && PART.matcher(part).matches() && !part.contains("--") && !part.contains("..");
    }

    @Override
    public String toString() {
        return owner.isEmpty() ? name : owner + "/" + name;
    }
}
