package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads Hugging Face's records of models and files; what it doesn't know it leaves out. */
final class ModelListing {
    private static final int MOST_TAGS = 500;

    private ModelListing() {}

    /** A model; empty when not even its name is one. */
    static Optional<ModelSummary> summary(JsonNode node) {
        Optional<RepoId> repository =
                RepoId.find(node.path("id").asText(node.path("modelId").asText("")));
        if (repository.isEmpty()) {
            return Optional.empty();
        }
        List<String> tags = tags(node);
        OptionalLong parameters = count(node.path("safetensors").path("total"));
        return Optional.of(new ModelSummary(
                repository.get(),
                parameters.isPresent() ? parameters : count(node.path("gguf").path("total")),
                count(node.path("usedStorage")),
                licence(node, tags),
                architecture(node),
                Math.max(0, node.path("downloads").asLong(0)),
                Math.max(0, node.path("likes").asLong(0)),
                instant(node.path("lastModified").asText("")),
                access(node),
                tags));
    }

    static List<String> tags(JsonNode node) {
        List<String> tags = new ArrayList<>();
        for (JsonNode tag : node.path("tags")) {
            if (tag.isTextual() && tags.size() < MOST_TAGS) {
                tags.add(tag.textValue());
            }
        }
        return tags;
    }

    static OptionalLong count(JsonNode node) {
        return node.isIntegralNumber() && node.longValue() > 0
                ? OptionalLong.of(node.longValue())
                : OptionalLong.empty();
    }

    private static Optional<String> licence(JsonNode node, List<String> tags) {
        String card = node.path("cardData").path("license").asText("");
        if (!card.isEmpty()) {
            return Optional.of(card);
        }
        return tags.stream()
                .filter(tag -> tag.startsWith("license:"))
                .map(tag -> tag.substring("license:".length()))
                .findFirst();
    }

    private static Optional<String> architecture(JsonNode node) {
        String type = node.path("config").path("model_type").asText("");
        String name = type.isEmpty() ? node.path("gguf").path("architecture").asText("") : type;
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    static Optional<Instant> instant(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static ModelSummary.Access access(JsonNode node) {
        if (node.path("private").asBoolean(false)) {
            return ModelSummary.Access.PRIVATE;
        }
        JsonNode gated = node.path("gated");
        boolean open = gated.isMissingNode() || gated.isNull() || gated.isBoolean() && !gated.booleanValue();
        return open ? ModelSummary.Access.OPEN : ModelSummary.Access.GATED;
    }

    /** A file of a tree; empty for folders. */
    static Optional<RepoFile> file(JsonNode node) throws HubException {
        if (!node.path("type").asText("").equals("file")) {
            return Optional.empty();
        }
        String path = node.path("path").asText("");
        FileNames.check(path);
        JsonNode lfs = node.path("lfs");
        JsonNode size = lfs.has("size") ? lfs.path("size") : node.path("size");
        if (!size.isIntegralNumber() || size.longValue() < 0) {
            throw HubException.lasting(
                    HubException.Reason.NOT_A_HUB, "The hub lists " + FileNames.shown(path) + " without a size.");
        }
        String xet = node.path("xetHash").asText("");
        // A file in large storage has a git name too, but that is the name of the pointer to it.
        Optional<ContentHash> hash = lfs.isObject()
                ? ContentHash.of(lfs.path("oid").asText("").replaceFirst("^sha256:", ""))
                        .filter(found -> found.kind() == ContentHash.Kind.SHA256)
                : xet.isEmpty() ? ContentHash.of(node.path("oid").asText("")) : Optional.empty();
        return Optional.of(
                new RepoFile(path, size.longValue(), hash, xet.isEmpty() ? Optional.empty() : Optional.of(xet)));
    }
}
