package studio.atelier.app.images;

import studio.atelier.app.i18n.Messages;
import studio.atelier.models.store.StarterPictures;

/** What a model of pictures is called on the screen. Files keep the name that holds in every language. */
final class ModelName {
    private ModelName() {}

    /** The person's word for the model that came with the program, any other's own name. */
    static String of(String name, Messages messages) {
        return name.equals(StarterPictures.NAME) ? messages.text("images.model.starter") : name;
    }
}
