package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** Reads ModelScope's records of models; what it doesn't know it leaves out. */
final class ModelScopeListing {
    private ModelScopeListing() {}

    /** A model; empty when not even its name is one. */
    static Optional<ModelSummary> summary(JsonNode node) {
        Optional<RepoId> repository = RepoId.find(node.path("id").asText(""));
        if (repository.isEmpty()) {
            return Optional.empty();
        }
        List<String> tags = ModelListing.tags(node);
        String licence = node.path("license").asText("");
        return Optional.of(new ModelSummary(
                repository.get(),
                ModelListing.count(node.path("params")),
                ModelListing.count(node.path("file_size")),
                licence.isEmpty() ? Optional.empty() : Optional.of(licence),
                Optional.empty(),
                Math.max(0, node.path("downloads").asLong(0)),
                Math.max(0, node.path("likes").asLong(0)),
                ModelListing.instant(node.path("last_modified").asText("")),
                ModelSummary.Access.OPEN,
                tags));
    }
}
