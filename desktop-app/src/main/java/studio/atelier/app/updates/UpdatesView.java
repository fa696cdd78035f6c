package studio.atelier.app.updates;

import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.util.Subscription;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The part of the settings about newer versions: whether to look, where, and what was found. */
public final class UpdatesView extends VBox {
    private final UpdatesViewModel updates;
    private final Messages messages;
    private final TextField address = new TextField();
    private final Label result = Labels.wrapped("", "muted", "small-text");
    private Subscription follows = Subscription.EMPTY;

    public UpdatesView(UpdatesViewModel updates, Messages messages) {
        super(8);
        this.updates = updates;
        this.messages = messages;
        setId("updates");
        CheckBox atStart = new CheckBox(messages.text("updates.at-start"));
        atStart.setId("updates-at-start");
        atStart.setSelected(updates.chosen().atStart());
        atStart.selectedProperty().subscribe(updates::lookAtStart);
        address.setId("updates-address");
        address.setText(updates.chosen().address());
        address.setPromptText(messages.text("updates.address-hint"));
        address.setAccessibleText(messages.text("updates.address"));
        address.textProperty().addListener((_, _, text) -> updates.useAddress(text));
        Button now = Buttons.bordered(messages.text("updates.look-now"), updates::lookNow);
        now.setId("updates-now");
        now.setMinWidth(USE_PREF_SIZE);
        now.disableProperty().bind(address.textProperty().isEmpty());
        HBox line = new HBox(8, address, now);
        line.setAlignment(Pos.CENTER_LEFT);
        HBox.setHgrow(address, Priority.ALWAYS);
        result.setId("updates-result");
        getChildren().setAll(atStart, line, result);
        // The view is thrown away when its sheet closes, the view model is not.
        sceneProperty().subscribe(scene -> {
            follows.unsubscribe();
            follows =
                    scene == null ? Subscription.EMPTY : updates.stateProperty().subscribe(this::show);
        });
    }

    private void show(UpdateState state) {
        result.setText(
                switch (state) {
                    case UpdateState.NotLooked _ -> messages.text("updates.this-is", updates.version());
                    case UpdateState.Looking _ -> messages.text("updates.looking");
                    case UpdateState.Newest _ -> messages.text("updates.newest", updates.version());
                    case UpdateState.Newer newer ->
                        messages.text("updates.newer", newer.release().version(), updates.version());
                    case UpdateState.Failed failed -> failed.message();
                });
    }
}
