package studio.atelier.app.chat;

import javafx.scene.control.Label;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Bar;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.engine.ModelInfo;
import studio.atelier.engine.Statistics;

/** The measured figures of the last answer, and what the model is. */
final class FiguresView extends VBox {
    private final Messages messages;
    private final Quantities quantities;
    private final Bar bar = new Bar(0, 6);
    private final Label context = Labels.of("", "muted", "small-text");
    private final GridPane answer = table();
    private final GridPane model = table();
    private final Label answerTitle;
    private final Label modelTitle;

    FiguresView(ChatViewModel chat, Messages messages) {
        super(8);
        this.messages = messages;
        this.quantities = new Quantities(messages);
        bar.setMaxWidth(Double.MAX_VALUE);
        HBox head =
                new HBox(Labels.of(messages.text("figures.context"), "strong", "small-text"), Labels.spacer(), context);
        answerTitle = Labels.of(messages.text("figures.answer"), "strong", "small-text");
        modelTitle = Labels.of(messages.text("figures.model"), "strong", "small-text");
        VBox.setMargin(answerTitle, new javafx.geometry.Insets(8, 0, 0, 0));
        VBox.setMargin(modelTitle, new javafx.geometry.Insets(8, 0, 0, 0));
        getChildren().setAll(head, bar, answerTitle, answer, modelTitle, model);
        chat.stateProperty().subscribe(_ -> show(chat));
    }

    private void show(ChatViewModel chat) {
        chat.contextUse()
                .ifPresentOrElse(
                        use -> {
                            bar.show(use.fraction(), 0);
                            context.setText(messages.text(
                                    "stats.tokens-of", quantities.count(use.tokens()), quantities.count(use.limit())));
                        },
                        () -> {
                            bar.show(0, 0);
                            context.setText(messages.text("figures.empty"));
                        });
        answer.getChildren().clear();
        chat.lastStatistics().ifPresent(this::showAnswer);
        answerTitle.setVisible(!answer.getChildren().isEmpty());
        answerTitle.setManaged(answerTitle.isVisible());
        model.getChildren().clear();
        chat.model().ifPresent(this::showModel);
        modelTitle.setVisible(!model.getChildren().isEmpty());
        modelTitle.setManaged(modelTitle.isVisible());
    }

    private void showAnswer(Statistics last) {
        row(answer, "figures.prompt", messages.text("stats.tokens", quantities.count(last.promptTokens())));
        row(answer, "figures.reused", messages.text("stats.tokens", quantities.count(last.reusedTokens())));
        row(
                answer,
                "figures.first-word",
                messages.text("figures.seconds", quantities.decimal(last.firstTokenMillis() / 1000, 2)));
        row(answer, "figures.reading", quantities.tokensPerSecond(last.prefillTokensPerSecond()));
        row(answer, "figures.writing", quantities.tokensPerSecond(last.decodeTokensPerSecond()));
        if (last.draftedTokens() > 0) {
            row(
                    answer,
                    "figures.guesses",
                    messages.text(
                            "figures.guesses-right",
                            quantities.count(last.acceptedTokens()),
                            quantities.count(last.draftedTokens())));
        }
    }

    private void showModel(ModelInfo info) {
        row(model, "figures.architecture", info.architecture());
        row(model, "figures.size", quantities.diskSize(info.weightBytes()));
        row(model, "figures.backend", info.backend());
    }

    private void row(GridPane table, String key, String value) {
        int row = table.getRowCount();
        Label name = Labels.of(messages.text(key), "muted", "small-text");
        Label figure = Labels.wrapped(value, "medium", "small-text");
        table.addRow(row, name, figure);
    }

    private static GridPane table() {
        GridPane table = new GridPane(12, 6);
        ColumnConstraints names = new ColumnConstraints(84);
        ColumnConstraints values = new ColumnConstraints();
        values.setHgrow(Priority.ALWAYS);
        table.getColumnConstraints().setAll(names, values);
        return table;
    }
}
