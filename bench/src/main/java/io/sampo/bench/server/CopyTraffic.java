package io.sampo.bench.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * Asks the nodes of a cluster over HTTP what went between them while a load was measured, and how
 * much longer the logs have become. Retention doesn't shorten a log within a run.
 */
public final class CopyTraffic implements LoadProcess.Stretch {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HOST = "127.0.0.1";

  private final List<Integer> managementPorts;
  private Counts atBegin = Counts.NONE;
  private Counts atEnd = Counts.NONE;

  /**
   * @param sentBytes of all nodes, which is what all of them receive
   * @param storedBytes in the logs that are led, each counted once
   */
  private record Counts(long sentBytes, long storedBytes) {
    static final Counts NONE = new Counts(0, 0);
  }

  /**
   * @param managementPorts of all nodes
   */
  public CopyTraffic(List<Integer> managementPorts) {
    this.managementPorts = managementPorts;
  }

  @Override
  public void begins() throws IOException {
    atBegin = counts();
  }

  @Override
  public void ends() throws IOException {
    atEnd = counts();
  }

  /** What every byte that was stored has cost between the nodes; NaN when nothing was stored. */
  public double copiedBytesPerStoredByte() {
    long stored = atEnd.storedBytes() - atBegin.storedBytes();
    return stored > 0 ? (atEnd.sentBytes() - atBegin.sentBytes()) / (double) stored : Double.NaN;
  }

  private Counts counts() throws IOException {
    long sent = 0;
    long stored = 0;
    for (int port : managementPorts) {
      JsonNode node =
          JSON.readTree(URI.create("http://" + HOST + ":" + port + "/sampo/replication").toURL());
      sent += node.required("sentBytes").longValue();
      for (JsonNode log : node.required("logs")) {
        if (log.required("leads").booleanValue()) {
          stored += log.required("end").longValue();
        }
      }
    }
    return new Counts(sent, stored);
  }
}
