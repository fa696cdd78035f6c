package studio.atelier.app.shell;

import atlantafx.base.controls.ModalPane;
import atlantafx.base.util.Animations;
import javafx.util.Duration;

/**
 * The layer above the window that shows one sheet at a time. Sheets fade: one that grows, as is usual for this control, is
 * painted in the corner of the window where JavaFX draws without a graphics card, because it has a shadow. Belongs to the
 * FX thread.
 */
public final class SheetPane extends ModalPane {
    private static final Duration FADE = Duration.millis(150);

    public SheetPane() {
        setInTransitionFactory(sheet -> Animations.fadeIn(sheet, FADE));
        setOutTransitionFactory(sheet -> Animations.fadeOut(sheet, FADE));
    }
}
