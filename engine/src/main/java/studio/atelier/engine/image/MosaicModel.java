package studio.atelier.engine.image;

import java.nio.file.Path;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.models.Mosaic;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Backend;

/** An open starter model of pictures. */
final class MosaicModel implements PictureModel {
    private final PictureModelInfo info;
    private final Component component;
    private final Mosaic mosaic;
    private final MosaicLexicon lexicon;

    private MosaicModel(PictureModelInfo info, Component component, Mosaic mosaic, MosaicLexicon lexicon) {
        this.info = info;
        this.component = component;
        this.mosaic = mosaic;
        this.lexicon = lexicon;
    }

    static MosaicModel open(Path folder, String name, Backend backend) throws EngineException {
        Component component = Component.open(folder);
        try {
            component.adoptBy(backend);
            Mosaic mosaic = Mosaic.load(component.config(), new Modules(backend, component.weights()));
            component.requireAllUsed("starter");
            MosaicLexicon lexicon =
                    MosaicLexicon.inFolder(folder, mosaic.language().vocabularySize());
            PictureModelInfo info = new PictureModelInfo(name, "Mosaic", backend.description(), true, true, true);
            return new MosaicModel(info, component, mosaic, lexicon);
        } catch (EngineException | RuntimeException e) {
            component.close();
            throw e;
        }
    }

    @Override
    public PictureModelInfo info() {
        return info;
    }

    @Override
    public MosaicDrawing begin(PictureRequest request, long seed, Trace trace, Pulse pulse) throws EngineException {
        return new MosaicDrawing(mosaic, lexicon, info.name(), request, seed, trace);
    }

    MosaicLexicon lexicon() {
        return lexicon;
    }

    @Override
    public void close() {
        component.close();
    }
}
