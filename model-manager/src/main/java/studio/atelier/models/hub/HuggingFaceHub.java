package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import studio.atelier.models.hub.HubException.Reason;

/** Hugging Face, or a mirror that speaks its protocol. Source: the hub's API and its Python client as of August 2026. */
public final class HuggingFaceHub implements ModelHub {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int MOST_PAGES = 200;
    private static final int MOST_FILES = 100_000;
    private static final String[] EXPANDED = {
        "safetensors",
        "gguf",
        "config",
        "downloads",
        "likes",
        "gated",
        "private",
        "tags",
        "lastModified",
        "usedStorage",
        "cardData"
    };

    private final HubHttp http;

    public HuggingFaceHub(HubHttp http) {
        this.http = http;
    }

    @Override
    public HubHttp http() {
        return http;
    }

    @Override
    public String usualRevision() {
        return "main";
    }

    @Override
    public String pageAddress(RepoId repository) {
        return endpoint() + "/" + repository;
    }

    private String endpoint() {
        return http.settings().endpoint().toString();
    }

    @Override
    public List<ModelSummary> search(SearchQuery query, Retries retries) throws HubException, InterruptedException {
        StringBuilder address =
                new StringBuilder(endpoint()).append("/api/models?limit=").append(Math.min(query.limit(), 100));
        append(address, "search", query.text().strip());
        append(address, "filter", query.format().tag());
        append(
                address,
                "filter",
                query.licence().map(licence -> "license:" + licence).orElse(""));
        append(address, "sort", query.sort().parameter());
        for (String field : EXPANDED) {
            append(address, "expand", field);
        }
        List<ModelSummary> found = new ArrayList<>();
        for (JsonNode node : pages(URI.create(address.toString()), "the search", query.limit(), retries)) {
            ModelListing.summary(node).ifPresent(found::add);
        }
        return found.size() > query.limit() ? List.copyOf(found.subList(0, query.limit())) : List.copyOf(found);
    }

    private static void append(StringBuilder address, String key, String value) {
        if (!value.isEmpty()) {
            address.append('&').append(key).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    @Override
    public ModelSummary model(RepoId repository, Retries retries) throws HubException, InterruptedException {
        StringBuilder address = new StringBuilder(endpoint())
                .append("/api/models/")
                .append(repository)
                .append("?");
        for (String field : EXPANDED) {
            append(address, "expand", field);
        }
        URI uri = URI.create(address.toString().replace("?&", "?"));
        JsonNode node = ModelHub.ask(
                retries, () -> http.getJson(uri, repository.toString()).root());
        return ModelListing.summary(node).orElseThrow(() -> notAHub("describes " + repository + " without its name"));
    }

    @Override
    public Snapshot snapshot(RepoId repository, String revision, Retries retries)
            throws HubException, InterruptedException {
        String what = repository + " at " + revision;
        URI info = URI.create(endpoint() + "/api/models/" + repository + "/revision/" + segment(revision));
        JsonNode root = ModelHub.ask(retries, () -> http.getJson(info, what).root());
        String commit = root.path("sha").asText("");
        if (!COMMIT.matcher(commit).matches()) {
            throw notAHub("names no commit of " + repository);
        }
        if (COMMIT.matcher(revision).matches() && !revision.equals(commit)) {
            throw HubException.lasting(
                    Reason.CHANGED,
                    "The hub answers with commit " + commit + " of " + repository + " where " + revision
                            + " was asked for.");
        }
        URI tree = URI.create(
                endpoint() + "/api/models/" + repository + "/tree/" + commit + "?recursive=true&expand=false");
        List<RepoFile> files = new ArrayList<>();
        for (JsonNode node : pages(tree, what, MOST_FILES, retries)) {
            ModelListing.file(node).ifPresent(files::add);
        }
        FileNames.checkDistinct(files.stream().map(RepoFile::path).toList());
        return new Snapshot(repository, revision, commit, files);
    }

    /** The items of all pages of a list; a page that was there before ends it with a refusal. */
    private List<JsonNode> pages(URI first, String what, int most, Retries retries)
            throws HubException, InterruptedException {
        List<JsonNode> items = new ArrayList<>();
        Set<URI> seen = new HashSet<>();
        Optional<URI> next = Optional.of(first);
        while (next.isPresent() && items.size() < most) {
            URI page = next.get();
            if (!seen.add(page) || seen.size() > MOST_PAGES) {
                throw notAHub("lists the pages of " + what + " in a circle");
            }
            if (!http.settings().isEndpoint(page)) {
                throw notAHub("names a next page of " + what + " on another host");
            }
            HubHttp.Json answer = ModelHub.ask(retries, () -> http.getJson(page, what));
            if (!answer.root().isArray()) {
                throw notAHub("answers for " + what + " with something that is no list");
            }
            retries.progressed();
            answer.root().forEach(items::add);
            next = answer.next();
        }
        return items;
    }

    @Override
    public Located locate(Snapshot snapshot, RepoFile file) throws HubException, InterruptedException {
        URI address = URI.create(
                endpoint() + "/" + snapshot.repository() + "/resolve/" + snapshot.commit() + "/" + path(file.path()));
        HubHttp.Head head = http.head(address, snapshot.repository() + "/" + file.path());
        HttpHeaders headers = head.headers();
        Optional<String> commit = headers.firstValue("X-Repo-Commit");
        if (commit.isEmpty()) {
            throw notAHub(
                    "answers without the hub's own headers: perhaps this network wants a login first, in a browser");
        }
        if (!commit.get().equals(snapshot.commit())) {
            throw changed(file, "is now at commit " + commit.get() + ", not at " + snapshot.commit());
        }
        String etag = headers.firstValue("X-Linked-Etag")
                .or(() -> headers.firstValue("ETag"))
                .orElse("");
        Optional<ContentHash> hash = ContentHash.of(etag.replaceFirst("^W/", "").replace("\"", ""));
        boolean redirected = head.status() != 200;
        long sizeBytes = headers.firstValueAsLong("X-Linked-Size")
                .orElse(
                        redirected
                                ? file.sizeBytes()
                                : headers.firstValueAsLong("Content-Length").orElse(file.sizeBytes()));
        if (sizeBytes != file.sizeBytes()) {
            throw changed(file, "has " + sizeBytes + " bytes, not the " + file.sizeBytes() + " that the list says");
        }
        if (file.hash().isPresent() && hash.isPresent() && !file.hash().equals(hash)) {
            throw changed(file, "is now " + hash.get() + ", not " + file.hash().get());
        }
        URI at = redirected
                ? new RedirectRules(http.settings(), address)
                        .follow(head.address(), headers.firstValue("Location").orElse(""))
                : head.address();
        return new Located(file.path(), at, sizeBytes, hash);
    }

    private HubException notAHub(String what) {
        return HubException.lasting(Reason.NOT_A_HUB, http.settings().endpoint().getHost() + " " + what + ".");
    }

    private static HubException changed(RepoFile file, String how) {
        return HubException.lasting(
                Reason.CHANGED, file.path() + " " + how + "; start the download again to get the new version.");
    }

    static String path(String path) {
        StringBuilder encoded = new StringBuilder();
        for (String part : path.split("/")) {
            encoded.append(encoded.isEmpty() ? "" : "/").append(segment(part));
        }
        return encoded.toString();
    }

    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
