package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult;
import io.sampo.bench.load.LoadResult.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Trials as comma-separated values, one a line under a line of names, so that the page can be made
 * again, and figures of one workload replaced without running all the others.
 */
public final class TrialFile {
  private static final List<String> KEYS =
      List.of("date", "machine", "workload", "flush", "client", "server", "round");

  private final Path file;

  public TrialFile(Path file) {
    this.file = file;
  }

  /** A trial and where it was run. */
  public record Entry(String date, String machine, Trial trial) {}

  /** All of them; none when the file doesn't exist. */
  public List<Entry> read() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<String> lines = Files.readAllLines(file);
    List<String> names = Arrays.asList(lines.get(0).split(",", -1));
    List<Entry> entries = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      entries.add(entry(names, Arrays.asList(line.split(",", -1))));
    }
    return entries;
  }

  /** Puts trials in place of those of the same series. */
  public void replace(List<Entry> fresh) throws IOException {
    Set<Trial.Series> replaced =
        fresh.stream().map(entry -> entry.trial().series()).collect(Collectors.toSet());
    List<Entry> all = new ArrayList<>();
    for (Entry old : read()) {
      if (!replaced.contains(old.trial().series())) {
        all.add(old);
      }
    }
    all.addAll(fresh);
    write(all);
  }

  private void write(List<Entry> entries) throws IOException {
    List<String> lines = new ArrayList<>();
    List<String> names = new ArrayList<>(KEYS);
    for (Figure figure : Figure.values()) {
      names.add(figure.key());
    }
    lines.add(String.join(",", names));
    for (Entry entry : entries) {
      Trial trial = entry.trial();
      List<String> cells = new ArrayList<>();
      cells.add(entry.date());
      cells.add(entry.machine());
      cells.add(trial.series().workload());
      cells.add(trial.series().flush());
      cells.add(trial.series().client());
      cells.add(trial.server());
      cells.add(String.valueOf(trial.round()));
      for (Figure figure : Figure.values()) {
        cells.add(trial.result().text(figure));
      }
      lines.add(
          cells.stream().map(cell -> cell.replace(',', ';')).collect(Collectors.joining(",")));
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, lines);
  }

  private static Entry entry(List<String> names, List<String> cells) {
    LoadResult result = new LoadResult();
    for (Figure figure : Figure.values()) {
      int column = names.indexOf(figure.key());
      if (column >= 0 && !cells.get(column).isEmpty()) {
        result.put(figure, cells.get(column));
      }
    }
    Trial.Series series =
        new Trial.Series(
            cell(names, cells, "workload"),
            cell(names, cells, "flush"),
            cell(names, cells, "client"));
    int round = Integer.parseInt(cell(names, cells, "round"));
    return new Entry(
        cell(names, cells, "date"),
        cell(names, cells, "machine"),
        new Trial(series, cell(names, cells, "server"), round, result));
  }

  private static String cell(List<String> names, List<String> cells, String name) {
    return cells.get(names.indexOf(name));
  }
}
