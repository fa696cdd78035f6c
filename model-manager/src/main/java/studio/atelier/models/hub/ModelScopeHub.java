package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import studio.atelier.models.hub.HubException.Reason;

/**
 * ModelScope, the usual source in China. It lists a SHA-256 for every file and has no commit in its listing, so the
 * listing's own digest stands for one. Source: its Python client as of July 2026.
 */
public final class ModelScopeHub implements ModelHub {
    private static final int MOST_FILES = 100_000;
    private static final int OK = 200;
    private static final int PAGE_MODELS = 50;
    private static final int MOST_PAGES = 20;

    private final HubHttp http;

    public ModelScopeHub(HubHttp http) {
        this.http = http;
    }

    @Override
    public HubHttp http() {
        return http;
    }

    @Override
    public String usualRevision() {
        return "master";
    }

    @Override
    public String pageAddress(RepoId repository) {
        return http.settings().endpoint() + "/models/" + repository;
    }

    @Override
    public List<ModelSummary> search(SearchQuery query, Retries retries) throws HubException, InterruptedException {
        // It knows no filter by format; publishers write the format into the name.
        String words = (query.text().strip() + " " + query.format().tag()).strip();
        List<ModelSummary> found = new ArrayList<>();
        for (int page = 1; found.size() < query.limit() && page <= MOST_PAGES; page++) {
            int asked = Math.min(query.limit(), PAGE_MODELS);
            URI address = URI.create(http.settings().endpoint() + "/openapi/v1/models?page_number=" + page
                    + "&page_size=" + asked + (words.isEmpty() ? "" : "&search=" + HuggingFaceHub.segment(words))
                    + sort(query.sort()));
            JsonNode models = data(address, "the search", retries).path("models");
            models.forEach(node -> ModelScopeListing.summary(node)
                    .filter(model -> query.licence().isEmpty()
                            || query.licence()
                                    .get()
                                    .equalsIgnoreCase(model.licence().orElse("")))
                    .ifPresent(found::add));
            if (models.size() < asked) {
                break;
            }
        }
        return List.copyOf(found.subList(0, Math.min(found.size(), query.limit())));
    }

    private static String sort(SearchQuery.Sort sort) {
        return switch (sort) {
            case TRENDING -> "";
            case DOWNLOADS -> "&sort=downloads";
            case LIKES -> "&sort=likes";
            case NEWEST -> "&sort=last_modified";
        };
    }

    @Override
    public ModelSummary model(RepoId repository, Retries retries) throws HubException, InterruptedException {
        URI address = URI.create(http.settings().endpoint() + "/openapi/v1/models/" + repository);
        return ModelScopeListing.summary(data(address, repository.toString(), retries))
                .orElseThrow(() -> HubException.lasting(
                        Reason.NOT_A_HUB,
                        http.settings().endpoint().getHost() + " describes " + repository + " without its name."));
    }

    /** The useful part of an answer; a refusal comes with status 200 too. */
    private JsonNode data(URI address, String what, Retries retries) throws HubException, InterruptedException {
        JsonNode root = ModelHub.ask(retries, () -> http.getJson(address, what).root());
        if (!root.path("success").asBoolean(false) || !root.path("data").isObject()) {
            String said = root.path("message").asText("");
            throw HubException.lasting(
                    Reason.NOT_FOUND_OR_PRIVATE,
                    http.settings().endpoint().getHost() + " has no answer to " + what
                            + (said.isEmpty() ? "" : " (" + FileNames.shown(said) + ")") + ".");
        }
        return root.path("data");
    }

    @Override
    public Snapshot snapshot(RepoId repository, String revision, Retries retries)
            throws HubException, InterruptedException {
        URI address = URI.create(http.settings().endpoint() + "/api/v1/models/" + repository + "/repo/files?Revision="
                + HuggingFaceHub.segment(revision) + "&Recursive=true");
        JsonNode root = ModelHub.ask(
                retries,
                () -> http.getJson(address, repository + " at " + revision).root());
        // Failures come with status 200 too; only the code inside tells.
        if (root.path("Code").asInt(OK) != OK
                || !root.path("Data").path("Files").isArray()) {
            throw HubException.lasting(
                    Reason.NOT_FOUND_OR_PRIVATE,
                    http.settings().endpoint().getHost() + " has no " + repository + " at " + revision
                            + ", or it is private.");
        }
        List<RepoFile> files = new ArrayList<>();
        for (JsonNode node : root.path("Data").path("Files")) {
            if (node.path("Type").asText("").equals("blob") && files.size() < MOST_FILES) {
                files.add(file(node));
            }
        }
        FileNames.checkDistinct(files.stream().map(RepoFile::path).toList());
        return new Snapshot(repository, revision, commit(files), files);
    }

    private static RepoFile file(JsonNode node) throws HubException {
        String path = node.path("Path").asText("");
        FileNames.check(path);
        JsonNode size = node.path("Size");
        Optional<ContentHash> hash = ContentHash.of(node.path("Sha256").asText(""));
        if (!size.isIntegralNumber() || size.longValue() < 0 || hash.isEmpty()) {
            throw HubException.lasting(
                    Reason.NOT_A_HUB, "The hub lists " + FileNames.shown(path) + " without its size or its SHA-256.");
        }
        return new RepoFile(path, size.longValue(), hash, Optional.empty());
    }

    /** Forty digits that change when any file does. */
    private static String commit(List<RepoFile> files) {
        StringBuilder lines = new StringBuilder();
        files.stream()
                .map(file -> file.path() + " " + file.sizeBytes() + " "
                        + file.hash().map(ContentHash::hex).orElse(""))
                .sorted()
                .forEach(line -> lines.append(line).append('\n'));
        return HexFormat.of().formatHex(ContentHash.sha256(lines.toString())).substring(0, 40);
    }

    @Override
    public Located locate(Snapshot snapshot, RepoFile file) {
        URI address = URI.create(http.settings().endpoint() + "/models/" + snapshot.repository() + "/resolve/"
                + HuggingFaceHub.segment(snapshot.revision()) + "/" + HuggingFaceHub.path(file.path()));
        return new Located(file.path(), address, file.sizeBytes(), file.hash());
    }
}
