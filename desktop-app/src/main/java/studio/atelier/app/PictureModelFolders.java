package studio.atelier.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.app.images.PictureModels;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.models.Models;
import studio.atelier.models.hub.HubEnvironment;
import studio.atelier.models.store.InstalledModel;
import studio.atelier.models.store.StarterPictures;

/** Models of pictures: the one that came with the program, and those that were downloaded. */
final class PictureModelFolders implements PictureModels {
    /** What was downloaded, pictures or not. */
    @FunctionalInterface
    interface Installed {
        List<Choice> models() throws IOException;
    }

    private final Path dataFolder;
    private final Installed installed;

    PictureModelFolders(Path dataFolder, Installed installed) {
        this.dataFolder = dataFolder;
        this.installed = installed;
    }

    /** All models on this machine. */
    static List<Choice> installed(Path dataFolder) throws IOException {
        try (Models models = Models.open(HubEnvironment.ofThisProcess(), dataFolder, "")) {
            return models.installed().stream()
                    .filter(InstalledModel::isFolder)
                    .map(model -> new Choice(model.place(), model.name(), false))
                    .toList();
        }
    }

    @Override
    public List<Choice> known() throws IOException {
        List<Choice> known = new ArrayList<>();
        if (StarterPictures.isIncluded()) {
            known.add(new Choice(place(), StarterPictures.NAME, true));
        }
        for (Choice choice : installed.models()) {
            if (PictureEngine.recognizes(choice.folder())) {
                known.add(choice);
            }
        }
        return known;
    }

    @Override
    public PictureEngine open(Choice choice) throws EngineException {
        Path files = choice.folder().equals(place()) ? laidOut() : choice.folder();
        // The GPU does not have all operations of pictures yet.
        return PictureEngine.open(files, choice.name(), BackendChoice.CPU);
    }

    /** The folder by which the model that came with the program is known, whatever its version. */
    private Path place() {
        return dataFolder.resolve("included").resolve(StarterPictures.NAME);
    }

    private Path laidOut() throws EngineException {
        try {
            return StarterPictures.layOut(dataFolder)
                    .orElseThrow(() -> new EngineException(
                            Reason.MODEL_FOLDER_INCOMPLETE,
                            "This build of Atelier comes without a model of pictures."));
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FOLDER_INCOMPLETE, String.valueOf(e.getMessage()), e);
        }
    }
}
