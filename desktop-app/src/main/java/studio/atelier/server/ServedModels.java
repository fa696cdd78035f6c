package studio.atelier.server;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.assets.Assets;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineOptions;

/** The models that can be asked for. One is loaded at a time; another is loaded when a request names it. */
public final class ServedModels implements AutoCloseable {
    private final Found found;
    private final EngineOptions options;
    private @Nullable OpenModel open;

    /** Looks for models anew at every call, so that what was downloaded meanwhile is there. */
    @FunctionalInterface
    public interface Found {
        List<ServedModel> list() throws IOException;
    }

    public ServedModels(Found found, EngineOptions options) {
        this.found = found;
        this.options = options;
    }

    List<ServedModel> list() throws IOException {
        return found.list();
    }

    ServedModel find(String id) throws ApiException, IOException {
        List<ServedModel> models = list();
        for (ServedModel model : models) {
            if (model.id().equals(id)) {
                return model;
            }
        }
        String known = String.join(", ", models.stream().map(ServedModel::id).toList());
        throw ApiException.of(
                404,
                "model_not_found",
                "There is no model \"" + id + "\" here; "
                        + (known.isEmpty()
                                ? "download one with " + Assets.command() + " pull."
                                : "those there are: " + known + "."));
    }

    /** The model of this name, loaded if it is not; no name means the loaded one, or the first. */
    synchronized OpenModel open(@Nullable String id) throws ApiException, IOException {
        OpenModel loaded = open;
        if (loaded != null && (id == null || loaded.model().id().equals(id))) {
            return loaded;
        }
        ServedModel wanted = id == null ? first() : find(id);
        if (loaded != null) {
            if (loaded.answers()) {
                throw ApiException.of(
                        503,
                        "model_busy",
                        "The model " + loaded.model().id()
                                + " is answering, and one model is loaded at a time; ask for " + wanted.id()
                                + " again when it has finished.");
            }
            loaded.close();
            open = null;
        }
        try {
            OpenModel opened = new OpenModel(wanted, Engine.open(wanted.folder(), options, _ -> {}));
            open = opened;
            return opened;
        } catch (EngineException e) {
            throw ApiException.of(e);
        }
    }

    private ServedModel first() throws ApiException, IOException {
        List<ServedModel> models = list();
        if (models.isEmpty()) {
            throw ApiException.of(
                    404,
                    "model_not_found",
                    "There is no model on this machine; download one with " + Assets.command() + " pull.");
        }
        return models.getFirst();
    }

    @Override
    public synchronized void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
