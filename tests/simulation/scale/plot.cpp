#include "plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace mcp_mqtt::simulation::scale {
namespace {

constexpr double width = 760;
constexpr double left = 70;
constexpr double right = 20;
constexpr double panel_height = 210;
constexpr double panel_step = 300;
constexpr double first_top = 46;

// Middle tones: they stand out from white and from black.
constexpr const char* ink = "#808080";
constexpr std::array<const char*, 4> colours{"#d9480f", "#1c7ed6", "#2b9348", "#9c36b5"};
constexpr std::array<const char*, 4> dashes{"none", "none", "6 3", "2 3"};

struct Point {
  double x = 0;
  double y = 0;
};
struct Line {
  std::string label;
  std::vector<Point> points;
};

std::string text(double x, double y, const char* anchor, const std::string& words,
                 const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>\n",
                     x, y, anchor, ink, more, words);
}

std::string rule(double x1, double y1, double x2, double y2, double opacity) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
      "stroke-opacity=\"{}\"/>\n",
      x1, y1, x2, y2, ink, opacity);
}

/// 10,000 as 10 k.
std::string brief(double value) {
  for (const auto& [unit, name] : {std::pair(1e6, " M"), {1e3, " k"}}) {
    if (value >= unit * 0.999) return fmt::format("{:.0f}{}", value / unit, name);
  }
  return fmt::format("{:.0f}", value);
}

/// 1, 2 or 5 times a power of ten, so that there are at most ten of them.
double step_for(double most) {
  const double power = std::pow(10, std::floor(std::log10(most / 10)));
  for (const double factor : {1, 2, 5}) {
    if (most / (factor * power) <= 10) return factor * power;
  }
  return 10 * power;
}

class Panel {
 public:
  Panel(std::size_t number, std::string title, std::string y_title, double x_most, double y_least,
        double y_most, bool logarithmic)
      : top_(first_top + static_cast<double>(number) * panel_step),
        x_most_(x_most),
        y_least_(y_least),
        y_most_(y_most),
        logarithmic_(logarithmic) {
    draw_axes(title, y_title);
  }

  void add(const Line& line) {
    const std::size_t style = lines_++ % colours.size();
    std::string points;
    for (const Point& point : line.points) {
      if (point.x <= x_most_) points += fmt::format("{:.1f},{:.1f} ", x(point.x), y(point.y));
    }
    svg_ += fmt::format(
        "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" stroke-dasharray=\"{}\" "
        "points=\"{}\"/>\n",
        colours.at(style), dashes.at(style), points);
    const double legend_x = left + static_cast<double>(lines_ - 1) * 165;
    const double legend_y = top_ + panel_height + 52;
    svg_ += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{2:.1f}\" x2=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
        "stroke-width=\"2.5\" stroke-dasharray=\"{4}\"/>\n",
        legend_x, legend_x + 24, legend_y - 4, colours.at(style), dashes.at(style));
    svg_ += text(legend_x + 30, legend_y, "start", line.label);
  }

  const std::string& svg() const noexcept { return svg_; }

 private:
  double x(double value) const { return left + value / x_most_ * (width - left - right); }
  double y(double value) const {
    const double clamped = std::clamp(value, y_least_, y_most_);
    const double part = logarithmic_ ? std::log(clamped / y_least_) / std::log(y_most_ / y_least_)
                                     : (clamped - y_least_) / (y_most_ - y_least_);
    return top_ + panel_height * (1 - part);
  }
  void draw_axes(const std::string& title, const std::string& y_title) {
    svg_ += text(left, top_ - 12, "start", title, " font-weight=\"bold\"");
    const double step = logarithmic_ ? 0 : step_for(y_most_ - y_least_) * 2;
    for (double at = y_least_; at <= y_most_ * 1.0001; at = logarithmic_ ? at * 10 : at + step) {
      svg_ += rule(left, y(at), width - right, y(at), 0.3);
      svg_ += text(left - 6, y(at) + 4, "end", brief(at));
    }
    const double x_step = step_for(x_most_);
    for (double at = 0; at <= x_most_ * 1.0001; at += x_step) {
      svg_ += rule(x(at), top_ + panel_height, x(at), top_ + panel_height + 5, 0.8);
      svg_ += text(x(at), top_ + panel_height + 18, "middle", fmt::format("{:g}", at));
    }
    svg_ += rule(left, top_ + panel_height, width - right, top_ + panel_height, 0.8);
    svg_ += text((left + width - right) / 2, top_ + panel_height + 34, "middle",
                 "seconds since the broker died");
    const double middle = top_ + panel_height / 2;
    svg_ += text(14, middle, "middle", y_title,
                 fmt::format(" transform=\"rotate(-90 14 {:.1f})\"", middle).c_str());
  }

  double top_, x_most_, y_least_, y_most_;
  bool logarithmic_;
  std::size_t lines_ = 0;
  std::string svg_;
};

bool bounded(const Scenario& scenario) { return scenario.limits.connects_per_second != 0; }

std::string label_of(const Scenario& scenario) {
  return scenario.name.substr(scenario.name.find(": ") + 2);
}

/// In each 100 ms, as messages a second.
Line messages(const Played& played) {
  Line line{label_of(played.scenario), {}};
  const double slice = engine::in_seconds(Traffic::slice);
  double at = 0;
  for (const std::uint64_t count : played.outcome.traffic.series()) {
    line.points.push_back({at + slice / 2, static_cast<double>(count) / slice});
    at += slice;
  }
  return line;
}

/// In per cent, at most 400 points.
Line open_sessions(const Played& played) {
  Line line{label_of(played.scenario), {{0, 0}}};
  const Times& times = played.outcome.reopened;
  const auto wanted = static_cast<double>(std::max<std::size_t>(played.outcome.sessions, 1));
  const std::size_t stride = times.size() / 400 + 1;
  for (std::size_t i = 0; i < times.size(); i += stride) {
    line.points.push_back(
        {engine::in_seconds(times[i]), 100 * static_cast<double>(i + 1) / wanted});
  }
  if (!times.empty()) {
    line.points.push_back(
        {engine::in_seconds(times.back()), 100 * static_cast<double>(times.size()) / wanted});
  }
  return line;
}

}  // namespace

std::string plot(const std::vector<Played>& all) {
  std::array<double, 2> last{1, 1};
  constexpr double least = 100;
  std::array<double, 2> most{least, least};
  const auto shown = [](const Played& played) { return played.scenario.downtime <= seconds(10); };
  for (const Played& played : all) {
    if (!shown(played)) continue;
    const std::size_t panel = bounded(played.scenario) ? 1 : 0;
    double& end = last.at(panel);
    end = std::max(end, engine::in_seconds(played.outcome.whole()) + 3);
    for (const Point& point : messages(played).points) {
      most.at(panel) = std::max(most.at(panel), point.y);
    }
  }
  last[1] = std::min(last[1], 200.0);  // who is not back by then shows by where its line ends
  for (double& one : most) one = least * std::pow(10, std::ceil(std::log10(one / least)));
  std::array<Panel, 3> panels{Panel(0, "A broker without bounds: messages, in and out",
                                    "messages a second", last[0], least, most[0], true),
                              Panel(1, "A broker with bounds: messages, in and out",
                                    "messages a second", last[1], least, most[1], true),
                              Panel(2, "A broker with bounds: sessions that are open again",
                                    "per cent", last[1], 0, 100, false)};
  for (const Played& played : all) {
    if (!shown(played)) continue;
    panels.at(bounded(played.scenario) ? 1 : 0).add(messages(played));
    if (bounded(played.scenario)) panels.at(2).add(open_sessions(played));
  }
  const double height = first_top + 3 * panel_step;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
      "height=\"{1:g}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n"
      "<title>What a broker carries when it restarts, and when the sessions are open "
      "again</title>\n",
      width, height);
  for (const Panel& panel : panels) svg += panel.svg();
  return svg + "</svg>\n";
}

}  // namespace mcp_mqtt::simulation::scale
