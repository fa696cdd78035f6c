package studio.atelier.app.models;

import javafx.geometry.Pos;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.download.QueueItem.Progress;

/** A model's files as a row of cells: which are done, which one is in work, which wait. */
final class ShardStrip extends VBox {
    private static final int MOST_CELLS = 200;
    private static final double HEIGHT = 12;

    private final Messages messages;
    private final HBox cells = new HBox(1);
    private final javafx.scene.control.Label legend = Labels.of("", "subtle", "tiny-text");
    private int shards;

    ShardStrip(Messages messages) {
        super(6);
        this.messages = messages;
        cells.setAlignment(Pos.CENTER_LEFT);
        getChildren().setAll(cells, legend);
    }

    void show(Progress progress) {
        int shown = Math.min(progress.shards(), MOST_CELLS);
        if (shown != shards) {
            shards = shown;
            cells.getChildren().clear();
            for (int i = 0; i < shown; i++) {
                Region cell = new Region();
                cell.setMinSize(1, HEIGHT);
                cell.setPrefHeight(HEIGHT);
                HBox.setHgrow(cell, Priority.ALWAYS);
                cells.getChildren().add(cell);
            }
        }
        int all = Math.max(1, progress.shards());
        for (int i = 0; i < shown; i++) {
            int shard = (int) ((long) i * all / shown);
            String state =
                    shard < progress.shardsDone() ? "done" : shard == progress.shardsDone() ? "current" : "waiting";
            cells.getChildren().get(i).getStyleClass().setAll("shard", state);
        }
        String text = messages.text(
                "models.shards",
                String.valueOf(progress.shardsDone()),
                String.valueOf(progress.shards() - progress.shardsDone()));
        legend.setText(text);
        setAccessibleText(text);
    }
}
