package studio.atelier.app.chat;

import atlantafx.base.controls.ToggleSwitch;
import java.util.OptionalLong;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Separator;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.controls.SliderRow;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;

/** The settings and figures of one conversation, in the column at the right. */
public final class InspectorView extends VBox {
    private final ChatViewModel chat;
    private final Messages messages;
    private final Quantities quantities;
    private final TextArea systemPrompt = new TextArea();
    private final TextField limit = new TextField();
    private final TextField seed = new TextField();
    private final SliderRow temperature;
    private final SliderRow topP;
    private final SliderRow minP;
    private final ToggleSwitch help = new ToggleSwitch();
    private boolean filling;

    public InspectorView(ChatViewModel chat, Messages messages) {
        this.chat = chat;
        this.messages = messages;
        this.quantities = new Quantities(messages);
        getStyleClass().add("inspector");
        temperature = slider(
                "inspector.temperature",
                0,
                2,
                value -> settings(s -> s.withSampling(s.sampling().withTemperature(value))));
        topP = slider(
                "inspector.top-p",
                0.05,
                1,
                value -> settings(s -> s.withSampling(s.sampling().withTopP(value))));
        minP = slider(
                "inspector.min-p",
                0,
                0.95,
                value -> settings(s -> s.withSampling(s.sampling().withMinP(value))));
        HBox header = new HBox(Labels.of(messages.text("inspector.title"), "strong"));
        header.getStyleClass().add("column-header");
        VBox body = new VBox(
                prompt(),
                new VBox(temperature, topP, minP, limitAndSeed(), helpSource()),
                new Separator(),
                new FiguresView(chat, messages));
        body.getStyleClass().add("inspector-body");
        ScrollPane scroll = new ScrollPane(body);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        getChildren().setAll(header, scroll);
        chat.settingsProperty().subscribe(this::fill);
    }

    /** Where the cursor goes when the column opens. */
    public void focusFirst() {
        systemPrompt.requestFocus();
    }

    private SliderRow slider(String key, double least, double most, java.util.function.DoubleConsumer changed) {
        return new SliderRow(messages.text(key), least, most, 0.01, value -> quantities.decimal(value, 2), changed);
    }

    private Node prompt() {
        Label name = Labels.of(messages.text("inspector.system-prompt"), "muted", "small-text");
        systemPrompt.setWrapText(true);
        systemPrompt.setPrefRowCount(3);
        systemPrompt.setMinHeight(72);
        systemPrompt.setPrefHeight(72);
        systemPrompt.setPromptText(messages.text("inspector.system-prompt-hint"));
        name.setLabelFor(systemPrompt);
        systemPrompt.textProperty().addListener((_, _, text) -> settings(s -> s.withSystemPrompt(text)));
        return new VBox(5, name, systemPrompt);
    }

    private Node limitAndSeed() {
        Label limitName = Labels.of(messages.text("inspector.answer-limit"), "muted", "small-text");
        limitName.setMinWidth(84);
        limitName.setLabelFor(limit);
        limit.setPrefWidth(66);
        limit.setMinWidth(58);
        limit.textProperty().addListener((_, _, text) -> changeLimit(text));
        Label seedName = Labels.of(messages.text("inspector.seed"), "muted", "small-text");
        seedName.setLabelFor(seed);
        seedName.setMinWidth(USE_PREF_SIZE);
        seed.setPromptText(messages.text("inspector.seed-random"));
        seed.textProperty().addListener((_, _, text) -> changeSeed(text));
        HBox row = new HBox(12, limitName, limit, seedName, seed);
        row.setAlignment(Pos.CENTER_LEFT);
        row.setMinHeight(30);
        return row;
    }

    private Node helpSource() {
        Label name = Labels.of(messages.text("inspector.help"), "muted", "small-text");
        name.setLabelFor(help);
        help.setAccessibleText(name.getText());
        help.selectedProperty()
                .addListener((_, _, on) -> settings(
                        s -> s.withHelp(on ? ChatSettings.HelpSource.LOOKED_UP : ChatSettings.HelpSource.LEFT_OUT)));
        HBox row = new HBox(12, name, Labels.spacer(), help);
        row.setAlignment(Pos.CENTER_LEFT);
        row.setMinHeight(30);
        chat.stateProperty().subscribe(_ -> {
            row.setVisible(chat.knowsHelp());
            row.setManaged(chat.knowsHelp());
        });
        return row;
    }

    private void changeLimit(String text) {
        mark(limit, change(text, value -> settings(s -> s.withAnswerLimit(Math.toIntExact(value))), 1));
    }

    private void changeSeed(String text) {
        if (text.isBlank()) {
            mark(seed, true);
            settings(s -> s.withSeed(OptionalLong.empty()));
        } else {
            mark(seed, change(text, value -> settings(s -> s.withSeed(OptionalLong.of(value))), Long.MIN_VALUE));
        }
    }

    private static boolean change(String text, java.util.function.LongConsumer take, long least) {
        try {
            long value = Long.parseLong(text.replaceAll("[,\\s]", ""));
            if (value < least || least == 1 && value > Integer.MAX_VALUE) {
                return false;
            }
            take.accept(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void mark(TextField field, boolean right) {
        field.getStyleClass().remove("wrong");
        if (!right) {
            field.getStyleClass().add("wrong");
        }
    }

    private void settings(java.util.function.UnaryOperator<ChatSettings> change) {
        if (!filling) {
            chat.settingsProperty().set(change.apply(chat.settingsProperty().get()));
        }
    }

    private void fill(ChatSettings settings) {
        // Only what differs is written, or the cursor would jump while the person types.
        filling = true;
        if (!systemPrompt.getText().equals(settings.systemPrompt())) {
            systemPrompt.setText(settings.systemPrompt());
        }
        temperature.setValue(settings.sampling().temperature());
        topP.setValue(settings.sampling().topP());
        minP.setValue(settings.sampling().minP());
        if (!limit.isFocused()) {
            limit.setText(quantities.count(settings.answerLimit()));
        }
        if (!seed.isFocused()) {
            OptionalLong chosen = settings.sampling().seed();
            seed.setText(chosen.isPresent() ? Long.toString(chosen.getAsLong()) : "");
        }
        help.setSelected(settings.help() == ChatSettings.HelpSource.LOOKED_UP);
        filling = false;
    }
}
