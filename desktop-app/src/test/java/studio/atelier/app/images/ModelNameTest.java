package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.store.StarterPictures;

/** The picture model that comes with the program, in the person's language. */
final class ModelNameTest {
    @Test
    void theIncludedModelIsCalledByThePersonsWord() {
        assertEquals("入门图片模型", ModelName.of(StarterPictures.NAME, Messages.in(Language.SIMPLIFIED_CHINESE)));
        assertEquals("Starter pictures", ModelName.of(StarterPictures.NAME, Messages.in(Language.ENGLISH)));
    }

    @Test
    void othersKeepTheirNames() {
        assertEquals("Janus-Pro-1B", ModelName.of("Janus-Pro-1B", Messages.in(Language.SIMPLIFIED_CHINESE)));
    }
}
