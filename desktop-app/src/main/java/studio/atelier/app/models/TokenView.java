package studio.atelier.app.models;

import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.PasswordField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Following;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The token that opens gated and private repositories: typed once, kept where the system keeps secrets, never shown. */
public final class TokenView extends VBox {
    private final TokenViewModel token;
    private final Messages messages;
    private final PasswordField field = new PasswordField();
    private final Label state = Labels.wrapped("", "muted", "small-text");
    private final HBox line = new HBox(8);

    public TokenView(TokenViewModel token, Messages messages) {
        super(4);
        this.token = token;
        this.messages = messages;
        field.setId("hub-token");
        field.setPromptText(messages.text("settings.token-hint"));
        field.setAccessibleText(messages.text("settings.token"));
        field.setMinWidth(0);
        field.setOnAction(_ -> keep());
        HBox.setHgrow(field, Priority.ALWAYS);
        HBox.setHgrow(this, Priority.ALWAYS);
        line.setAlignment(Pos.CENTER_LEFT);
        getChildren().setAll(line, state);
        Following.whileShown(this, () -> token.stateProperty().subscribe(this::show));
        token.read();
    }

    private void keep() {
        if (!field.getText().isBlank()) {
            token.keep(field.getText());
            field.clear();
        }
    }

    private void show(TokenViewModel.State now) {
        boolean kept = now instanceof TokenViewModel.State.Kept;
        Button button = kept
                ? Buttons.bordered(messages.text("settings.token-remove"), token::remove)
                : Buttons.bordered(messages.text("settings.token-keep"), this::keep);
        if (kept) {
            line.getChildren().setAll(Labels.of(messages.text("settings.token-kept")), Labels.spacer(), button);
        } else {
            line.getChildren().setAll(field, button);
        }
        state.getStyleClass().remove("danger-text");
        state.setText(
                switch (now) {
                    case TokenViewModel.State.None _ -> messages.text("settings.token-why");
                    case TokenViewModel.State.Kept place -> placeText(place.place());
                    case TokenViewModel.State.Refused refused -> {
                        state.getStyleClass().add("danger-text");
                        yield refused.message();
                    }
                });
    }

    private String placeText(TokenViewModel.Place place) {
        return switch (place) {
            case KEYCHAIN -> messages.text("settings.token-keychain");
            case SECRET_SERVICE -> messages.text("settings.token-service");
            case FILE -> messages.text("settings.token-file");
        };
    }
}
