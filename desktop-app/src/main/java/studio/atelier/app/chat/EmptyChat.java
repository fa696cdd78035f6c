package studio.atelier.app.chat;

import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** What stands where the messages will be: one sentence, and questions to begin with. */
final class EmptyChat extends VBox {
    private static final double WIDTH = 480;

    EmptyChat(ChatViewModel chat, Messages messages) {
        setAlignment(Pos.CENTER);
        setSpacing(5);
        GridPane prompts = new GridPane(8, 8);
        prompts.setMaxWidth(WIDTH);
        ColumnConstraints half = new ColumnConstraints();
        half.setPercentWidth(50);
        prompts.getColumnConstraints().setAll(half, half);
        chat.stateProperty().subscribe(_ -> fill(prompts, chat, messages));
        var title = Labels.of(messages.text("chat.new"), "step-title");
        title.setStyle("-fx-padding: 10 0 0 0");
        var sentence = Labels.of(messages.text("chat.private"), "muted");
        sentence.setStyle("-fx-padding: 0 0 12 0");
        getChildren().setAll(Icons.large(Feather.MESSAGE_SQUARE), title, sentence, prompts);
    }

    private static void fill(GridPane prompts, ChatViewModel chat, Messages messages) {
        List<String> keys = chat.promptKeys();
        if (keys.equals(prompts.getUserData())) {
            return;
        }
        prompts.setUserData(keys);
        prompts.getChildren().clear();
        for (int i = 0; i < keys.size(); i++) {
            String prompt = messages.text(keys.get(i));
            Button chip = new Button(prompt);
            chip.getStyleClass().add("prompt-chip");
            chip.setWrapText(true);
            chip.setMaxSize(Double.MAX_VALUE, Double.MAX_VALUE);
            chip.setOnAction(_ -> chat.ask(prompt));
            prompts.add(chip, i % 2, i / 2);
        }
    }
}
