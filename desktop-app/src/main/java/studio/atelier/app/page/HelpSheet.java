package studio.atelier.app.page;

import java.util.List;
import java.util.Set;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Message;

/** A help page, above the window: what an answer was given from. */
public final class HelpSheet extends VBox {
    private static final double WIDTH = 560;
    private static final double TEXT_HEIGHT = 150;
    /** The page's own margin, so that its text begins under the title. */
    private static final double PAGE_MARGIN = 24;

    private final Button done;

    /**
     * @param text Markdown
     * @param page shows the text; closed with the sheet
     * @param close asked when the person has read it
     */
    public HelpSheet(String title, String text, ChatPage page, Messages messages, Runnable close) {
        super(12);
        setId("help-page");
        getStyleClass().add("modal-sheet");
        setPrefWidth(WIDTH);
        setMaxSize(WIDTH, USE_PREF_SIZE);
        Runnable end = () -> {
            page.close();
            close.run();
        };
        page.show(List.of(new PageMessage(
                Message.begun(0).written(text, "").ended(Message.End.COMPLETE, java.util.Optional.empty()),
                "",
                Set.of())));
        Node node = page.node();
        VBox frame = new VBox(node);
        frame.setPrefHeight(TEXT_HEIGHT);
        setMargin(frame, new Insets(0, 2 - PAGE_MARGIN, 0, 2 - PAGE_MARGIN));
        done = Buttons.primary(messages.text("help.done"), end);
        done.setDefaultButton(true);
        HBox actions = new HBox(done);
        actions.setAlignment(Pos.CENTER_RIGHT);
        getChildren().setAll(Labels.wrapped(title, "step-title"), frame, actions);
        addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                event.consume();
                end.run();
            }
        });
    }

    /** Where the keyboard goes when the sheet opens. */
    public void focusFirst() {
        done.requestFocus();
    }
}
