package studio.atelier.app.models;

import java.util.Map;
import java.util.Optional;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.download.QueueItem.Form;
import studio.atelier.models.download.QueueItem.Source;
import studio.atelier.models.hub.ModelSummary;
import studio.atelier.models.store.RemoteModel;

/** What is known of the model that the person looks at. */
public sealed interface LookState {
    /** Of none. */
    record None() implements LookState {}

    /** Its headers are being read. */
    record Looking(Source source, ModelSummary model) implements LookState {}

    /**
     * Its headers were read.
     *
     * @param quantized how it fits when it is quantized as it arrives, for each way to do that
     * @param asPublished how it fits as it is
     * @param freeBytes of the disk that new models go to
     */
    record Seen(
            Source source,
            ModelSummary model,
            RemoteModel remote,
            Map<Form, FitEstimate> quantized,
            Optional<FitEstimate> asPublished,
            long freeBytes)
            implements LookState {}

    /** Why it can't be installed, one sentence. */
    record Refused(Source source, ModelSummary model, String message) implements LookState {}
}
