package studio.atelier.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.app.images.PictureModels;
import studio.atelier.cli.GpuGate;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GpuTrial;
import studio.atelier.engine.image.PictureEngine;
import studio.atelier.models.Models;
import studio.atelier.models.download.HubCache;
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
    private final GpuTrial gpu;

    PictureModelFolders(Path dataFolder, Installed installed) {
        this.dataFolder = dataFolder;
        this.installed = installed;
        this.gpu = GpuGate.trial(dataFolder);
    }

    /** All models on this machine. */
    static List<Choice> installed(Path dataFolder) throws IOException {
        return installed(HubEnvironment.ofThisProcess(), dataFolder);
    }

    static List<Choice> installed(HubEnvironment environment, Path dataFolder) throws IOException {
        try (Models models = Models.open(environment, dataFolder, "")) {
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
    public Choice in(Path folder) {
        return new Choice(folder, HubCache.nameOf(folder), false);
    }

    @Override
    public PictureEngine open(Choice choice) throws EngineException {
        if (choice.folder().equals(place())) {
            // So small that handing its steps over would take longer than computing them.
            return PictureEngine.open(laidOut(), choice.name(), BackendChoice.CPU);
        }
        BackendChoice backend = gpu.choose(BackendChoice.AUTOMATIC, _ -> {});
        return PictureEngine.open(choice.folder(), choice.name(), backend);
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
