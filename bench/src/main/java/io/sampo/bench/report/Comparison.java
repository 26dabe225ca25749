package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one series' trials say. Invalid trials give no figures. The ratio is Sampo to RocketMQ,
 * taken round by round, because the two trials of a round ran next to each other; its median is
 * what counts.
 */
public final class Comparison {
  public static final String OURS = "sampo";
  public static final String THEIRS = "rocketmq";

  private final Trial.Series series;
  private final List<Trial> trials;

  private Comparison(Trial.Series series, List<Trial> trials) {
    this.series = series;
    this.trials = trials;
  }

  /** One for each series, in the order in which they first appear. */
  public static List<Comparison> of(Collection<Trial> trials) {
    Map<Trial.Series, List<Trial>> bySeries = new LinkedHashMap<>();
    for (Trial trial : trials) {
      bySeries.computeIfAbsent(trial.series(), series -> new ArrayList<>()).add(trial);
    }
    return bySeries.entrySet().stream()
        .map(entry -> new Comparison(entry.getKey(), entry.getValue()))
        .toList();
  }

  public Trial.Series series() {
    return series;
  }

  /** A server's figure over the valid rounds. */
  public Spread of(String server, Figure figure) {
    List<Double> values = new ArrayList<>();
    for (Trial trial : trials) {
      if (trial.server().equals(server) && trial.result().isValid()) {
        values.add(trial.result().number(figure));
      }
    }
    return Spread.of(values);
  }

  /** Sampo's figure by RocketMQ's, over the rounds in which both are valid. */
  public Spread ratio(Figure figure) {
    Map<Integer, Double> ours = byRound(OURS, figure);
    Map<Integer, Double> theirs = byRound(THEIRS, figure);
    List<Double> ratios = new ArrayList<>();
    for (Map.Entry<Integer, Double> round : ours.entrySet()) {
      Double other = theirs.get(round.getKey());
      if (other != null && other > 0) {
        ratios.add(round.getValue() / other);
      }
    }
    return Spread.of(ratios);
  }

  /** Why trials were not counted, one text for each. */
  public List<String> invalid() {
    return trials.stream()
        .filter(trial -> !trial.result().isValid())
        .map(
            trial ->
                trial.server()
                    + ", round "
                    + trial.round()
                    + ": "
                    + trial.result().text(Figure.INVALID))
        .toList();
  }

  private Map<Integer, Double> byRound(String server, Figure figure) {
    Map<Integer, Double> byRound = new LinkedHashMap<>();
    for (Trial trial : trials) {
      double value = trial.result().number(figure);
      if (trial.server().equals(server) && trial.result().isValid() && !Double.isNaN(value)) {
        byRound.put(trial.round(), value);
      }
    }
    return byRound;
  }
}
