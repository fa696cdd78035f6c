package studio.atelier.app.updates;

import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The sheet that tells of a newer version: what is new, and what to do about it. */
public final class ReleaseSheet extends VBox {
    private static final double WIDTH = 460;
    private static final double NOTES_HEIGHT = 220;

    private final Button later;

    /**
     * Builds it.
     *
     * @param browser opens the page of the version
     */
    public ReleaseSheet(UpdatesViewModel updates, Release release, Consumer<String> browser, Messages messages) {
        super(16);
        setId("release");
        getStyleClass().add("modal-sheet");
        setPrefWidth(WIDTH);
        setMaxSize(WIDTH, USE_PREF_SIZE);
        Label notes = Labels.wrapped(release.notes());
        ScrollPane scroll = new ScrollPane(notes);
        scroll.setFitToWidth(true);
        scroll.setMaxHeight(NOTES_HEIGHT);
        scroll.setVisible(!release.notes().isEmpty());
        scroll.setManaged(scroll.isVisible());
        Button skip = Buttons.bordered(messages.text("updates.skip"), () -> updates.skip(release));
        skip.setId("release-skip");
        later = Buttons.bordered(messages.text("updates.later"), updates::later);
        HBox actions = new HBox(8, skip, Labels.spacer(), later);
        actions.setAlignment(Pos.CENTER_LEFT);
        release.page()
                .ifPresent(page -> actions.getChildren().add(Buttons.primary(messages.text("updates.open-page"), () -> {
                    browser.accept(page.toString());
                    updates.later();
                })));
        getChildren()
                .setAll(
                        Labels.of(messages.text("updates.title", release.version()), "step-title"),
                        Labels.wrapped(messages.text("updates.have", updates.version()), "muted"),
                        scroll,
                        actions);
        addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                event.consume();
                updates.later();
            }
        });
    }

    /** Where the keyboard goes when the sheet opens. */
    public void focusFirst() {
        later.requestFocus();
    }
}
