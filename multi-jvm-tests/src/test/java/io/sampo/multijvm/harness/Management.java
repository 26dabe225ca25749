package io.sampo.multijvm.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What a node says over HTTP, at its management port. */
public final class Management {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  private Management() {}

  /**
   * The answer to a GET.
   *
   * @throws IOException when there is none, or one that says that something is wrong
   */
  public static JsonNode get(NodeProcess node, String path) throws IOException {
    URI address =
        URI.create(
            "http://%s:%d%s"
                .formatted(node.host(), node.ports().get("sampo.management.port"), path));
    try {
      HttpResponse<String> answer =
          HTTP.send(
              HttpRequest.newBuilder(address).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(address + " says " + answer.statusCode() + ": " + answer.body());
      }
      return JSON.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
