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
    private final ModelsViewModel models;
    private final Messages messages;
    private final PasswordField field = new PasswordField();
    private final Label state = Labels.wrapped("", "muted", "small-text");
    private final HBox line = new HBox(8);

    public TokenView(ModelsViewModel models, Messages messages) {
        super(4);
        this.models = models;
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
        Following.whileShown(this, () -> models.tokenProperty().subscribe(this::show));
        models.readToken();
    }

    private void keep() {
        if (!field.getText().isBlank()) {
            models.keepToken(field.getText());
            field.clear();
        }
    }

    private void show(ModelsViewModel.TokenState now) {
        boolean kept = now instanceof ModelsViewModel.TokenState.Kept;
        Button button = kept
                ? Buttons.bordered(messages.text("settings.token-remove"), models::removeToken)
                : Buttons.bordered(messages.text("settings.token-keep"), this::keep);
        if (kept) {
            line.getChildren().setAll(Labels.of(messages.text("settings.token-kept")), Labels.spacer(), button);
        } else {
            line.getChildren().setAll(field, button);
        }
        state.getStyleClass().remove("danger-text");
        state.setText(
                switch (now) {
                    case ModelsViewModel.TokenState.None _ -> messages.text("settings.token-why");
                    case ModelsViewModel.TokenState.Kept place -> placeText(place.place());
                    case ModelsViewModel.TokenState.Refused refused -> {
                        state.getStyleClass().add("danger-text");
                        yield refused.message();
                    }
                });
    }

    private String placeText(ModelsViewModel.TokenPlace place) {
        return switch (place) {
            case KEYCHAIN -> messages.text("settings.token-keychain");
            case SECRET_SERVICE -> messages.text("settings.token-service");
            case FILE -> messages.text("settings.token-file");
        };
    }
}
