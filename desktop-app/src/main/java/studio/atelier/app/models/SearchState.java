package studio.atelier.app.models;

import java.util.List;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.ModelSummary;

/** How far a search at the hub is. */
public sealed interface SearchState {
    /** Nobody has asked yet. */
    record Idle() implements SearchState {}

    /** The hub is asked. */
    record Searching() implements SearchState {}

    /** What a hub has. */
    record Found(Source source, List<ModelSummary> models) implements SearchState {
        public Found {
            models = List.copyOf(models);
        }
    }

    /** Why there is no answer, one sentence. */
    record Failed(String message) implements SearchState {}
}
