package studio.atelier.cli;

import java.io.IOException;
import studio.atelier.app.store.DataFolder;
import studio.atelier.assets.Assets;
import studio.atelier.models.Models;
import studio.atelier.models.hub.HubEnvironment;

/** The models of this machine, as the window sees them too. */
final class ModelAccess {
    private ModelAccess() {}

    static Models open() throws IOException {
        return Models.open(HubEnvironment.ofThisProcess(), DataFolder.find(), Assets.version());
    }

    /** An interrupt is the person's; what was downloaded is kept. */
    static IOException stopped(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("Stopped. What was downloaded is kept; the same command goes on with it.", e);
    }
}
